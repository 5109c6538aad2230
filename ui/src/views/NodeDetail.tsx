import { Glyph, type GlyphName } from '../parts/Glyph'
import { Duration, Unknown } from '../parts/Quantity'
import { isKnown, type Picture } from '../trace/picture'
import { CELL, ERROR, INFERRED, RLM, RUNNING, THING_KINDS, TURN } from '../trace/picture.gen'
import { type NodeTexts, textsOf } from './nodeTexts'
import style from './SubQueryDetail.module.css'
import { WholeText } from './text/WholeText'

interface Props {
  run: string
  picture: Picture
  row: number
  /** Nobody works on it any more: what is open was left so. */
  hasEnded: boolean
  onPick: (thing: number) => void
}

/** A child RLM, a turn, a code cell or a tool: what went in and what came out. */
export function NodeDetail({ run, picture, row, hasEnded, onPick }: Props) {
  const { nodes, things } = picture
  return (
    <div className={style.detail}>
      <div className={style.top}>
        <code className="ell" title={things.id[nodes.thing[row]] ?? ''}>
          {things.id[nodes.thing[row]]}
        </code>
        <Standing picture={picture} row={row} hasEnded={hasEnded} />
        <span className="c-3">{whatOf(picture, row)}</span>
        <Failure picture={picture} row={row} />
        {nodes.flags[row] & INFERRED ? (
          <p className={`c-3 ${style.error}`}>Times inferred: it was reported late.</p>
        ) : null}
      </div>
      {textsOf(picture, row).map((text: NodeTexts) => (
        <WholeText key={text.title} run={run} {...text} />
      ))}
      {nodes.kind[row] === TURN && <During picture={picture} row={row} onPick={onPick} />}
    </div>
  )
}

function Standing({ picture, row, hasEnded }: Pick<Props, 'picture' | 'row' | 'hasEnded'>) {
  const { nodes } = picture
  const isOpen = nodes.state[row] === RUNNING
  const ms = (nodes.ended_us[row] - nodes.started_us[row]) / 1000
  const [glyph, word] = standingOf(isOpen, hasEnded, (nodes.flags[row] & ERROR) !== 0)
  return (
    <span className={style.status}>
      <Glyph name={glyph} />
      {word}
      {!isOpen && (
        <>
          {' '}
          · {Number.isNaN(ms) ? <Unknown why="Nobody said when it began" /> : <Duration ms={ms} />}
        </>
      )}
    </span>
  )
}

function standingOf(isOpen: boolean, hasEnded: boolean, failed: boolean): [GlyphName, string] {
  if (isOpen) return hasEnded ? ['interrupted', 'left open'] : ['run', 'in flight']
  return failed ? ['fail', 'failed'] : ['ok', 'returned']
}

/** "turn 2 of 8", "tool grep", "child RLM small, depth 2". */
function whatOf({ nodes }: Picture, row: number): string {
  const kind = nodes.kind[row]
  if (kind === TURN)
    return `turn ${nodes.n[row]}${Number.isNaN(nodes.max_n[row]) ? '' : ` of at most ${nodes.max_n[row]}`}`
  const name = kind === RLM ? 'child RLM' : kind === CELL ? 'code cell' : THING_KINDS[kind]
  const depth = Number.isNaN(nodes.depth[row]) ? '' : `, depth ${nodes.depth[row]}`
  return `${[name, nodes.label[row]].filter(Boolean).join(' ')}${depth}`
}

function Failure({ picture, row }: { picture: Picture; row: number }) {
  const { nodes, names } = picture
  const reason = nodes.reason[row] < 0 ? null : names.reason.all[nodes.reason[row]]
  if (!(nodes.flags[row] & ERROR)) return reason ? <span className="c-3">{reason}</span> : null
  const said = [reason, nodes.error[row]].filter(Boolean).join(': ')
  return <p className={`c-fail ${style.error}`}>{said}</p>
}

const MOST_DURING = 50

/** What else of the same RLM began in the turn: its code and its calls. */
function During({
  picture,
  row,
  onPick,
}: {
  picture: Picture
  row: number
  onPick: (thing: number) => void
}) {
  const found = duringOf(picture, row)
  if (found.length === 0) return null
  return (
    <section>
      <h3 className="lbl">In this turn</h3>
      <ul className={style.during}>
        {found.slice(0, MOST_DURING).map((thing) => (
          <li key={thing}>
            <button type="button" className="lnk" onClick={() => onPick(thing)}>
              {picture.things.id[thing]}
            </button>{' '}
            <span className="c-3">{THING_KINDS[picture.things.kind[thing]]}</span>
          </li>
        ))}
        {found.length > MOST_DURING && <li className="c-3">{found.length - MOST_DURING} more</li>}
      </ul>
    </section>
  )
}

export function duringOf(picture: Picture, turn: number): number[] {
  const { nodes, queries } = picture
  const from = nodes.started_us[turn]
  const to = Number.isNaN(nodes.ended_us[turn]) ? Number.POSITIVE_INFINITY : nodes.ended_us[turn]
  const parent = nodes.parent[turn]
  const found: [start_us: number, thing: number][] = []
  const look = (start_us: number, of: number, thing: number) => {
    const isDuring = start_us >= from && start_us < to
    if (of === parent && isDuring && isKnown(picture, thing)) found.push([start_us, thing])
  }
  for (let row = 0; row < nodes.rows; row += 1)
    if (nodes.kind[row] !== TURN) look(nodes.started_us[row], nodes.parent[row], nodes.thing[row])
  for (let row = 0; row < queries.rows; row += 1)
    look(queries.submitted_us[row], queries.parent[row], queries.thing[row])
  return found.sort((a, b) => a[0] - b[0]).map(([, thing]) => thing)
}
