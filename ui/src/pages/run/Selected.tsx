import { Maximize2, X } from 'lucide-react'
import { useState } from 'react'
import type { Follower } from '../../live/follow'
import type { RunWhole } from '../../live/shapes.gen'
import { Dialog } from '../../parts/Dialog'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import { isKnown, type Picture } from '../../trace/picture'
import { CELL, RLM, ROOT, SUB_QUERY, TOOL, TURN } from '../../trace/picture.gen'
import { ChildRunDetail } from '../../views/ChildRunDetail'
import type { Chosen } from '../../views/chosen'
import { NodeDetail } from '../../views/NodeDetail'
import { NotYet, SubQueryDetail } from '../../views/SubQueryDetail'
import { clocksOf } from './childClock'
import { type Relative, relativesOf } from './relatives'
import style from './Selected.module.css'
import { forestAt } from './trunk'
import type { ChildRuns, OpenChild } from './useChildRuns'
import type { Seen } from './useMoment'
import type { RunSelection } from './useSelection'

interface Props {
  whole: RunWhole
  follower: Follower
  seen: Seen
  runs: ChildRuns
  selection: RunSelection
}

const NODES = new Set<number>([RLM, TURN, CELL, TOOL])

/** What was clicked, whole. */
export function Selected(props: Props) {
  const [isLarge, setLarge] = useState(false)
  const { chosen, id, pick } = props.selection
  if (chosen === null || (chosen.run === null && chosen.thing === ROOT))
    return (
      <Frame title="Selected" actions={<Keys />} className={style.idle}>
        <Hint />
      </Frame>
    )
  const content = <Content {...props} chosen={chosen} />
  return (
    <Frame
      title="Selected"
      className={style.frame}
      actions={
        <>
          <Keys />
          <button
            type="button"
            className={style.tool}
            aria-label="Enlarge"
            onClick={() => setLarge(true)}
          >
            <Maximize2 size={13} />
          </button>
          <button
            type="button"
            className={style.tool}
            aria-label="Close"
            title="Esc"
            onClick={() => pick(null)}
          >
            <X size={14} />
          </button>
        </>
      }
    >
      {content}
      {isLarge && (
        <Dialog
          label={id ?? chosen.run ?? 'Selected'}
          onClose={() => setLarge(false)}
          className={style.large}
        >
          {content}
        </Dialog>
      )}
    </Frame>
  )
}

function Content(props: Props & { chosen: Chosen }) {
  const { whole, follower, seen, selection, chosen } = props
  const at_us = seen.isReplay ? seen.now_us : null
  if (chosen.run !== null) return <OfChild {...props} run={chosen.run} at_us={at_us} />
  return (
    <OneThing
      run={whole.run.id}
      picture={seen.picture}
      thing={chosen.thing}
      id={selection.id}
      isLive={follower.state === 'live'}
      hasEnded={seen.hasEnded}
      at_us={at_us}
      onPick={(thing) => selection.pick({ run: null, thing })}
    />
  )
}

interface ChildProps extends Props {
  chosen: Chosen
  run: string
  /** Where a replay of the page's run stands; null where there is none. */
  at_us: number | null
}

/** A child run, of this run or of one of its children, or a thing of it. */
function OfChild({ whole, runs, selection, chosen, run, at_us }: ChildProps) {
  const found = relativesOf(whole, runs.open, at_us).get(run)
  const asked = runs.open.get(run)
  if (at_us !== null && !found && asked?.item) return <NotYet id={run} />
  if (chosen.thing === ROOT) return <OneChild found={found} asked={asked} />
  if (!asked || asked.follower.state === 'loading') return <Loading rows={5} />
  const { picture, version, state } = asked.follower
  const own_us = at_us === null || !found ? Number.NaN : at_us - found.offset_us
  const past = Number.isNaN(own_us) ? null : forestAt(picture, version, own_us).picture
  return (
    <OneThing
      run={run}
      picture={past ?? picture}
      thing={chosen.thing}
      id={selection.id}
      isLive={state === 'live'}
      hasEnded={past ? past.run.ended_us !== null : state === 'ended'}
      at_us={past ? own_us : null}
      onPick={(thing) => selection.pick({ run, thing })}
    />
  )
}

interface OneProps {
  run: string
  picture: Picture
  thing: number
  id: string | undefined
  isLive: boolean
  hasEnded: boolean
  /** The moment of a replay on the clock of that run; null where there is none. */
  at_us: number | null
  onPick: (thing: number) => void
}

/** A thing of a run, whichever run it is. */
function OneThing({ run, picture, thing, id, isLive, hasEnded, at_us, onPick }: OneProps) {
  const kind = thing < 0 ? 0 : picture.things.kind[thing]
  if (thing >= 0 && !isKnown(picture, thing)) return <NotYet id={id ?? ''} />
  if (kind === SUB_QUERY && id !== undefined) {
    const at_ms = at_us === null ? null : at_us / 1000
    return <SubQueryDetail key={id} run={run} query={id} isLive={isLive} at_ms={at_ms} />
  }
  if (NODES.has(kind))
    return (
      <NodeDetail
        run={run}
        picture={picture}
        row={picture.things.row[thing]}
        hasEnded={hasEnded}
        onPick={onPick}
      />
    )
  return <p className={style.hint}>The trace names it as a parent and says nothing more of it.</p>
}

/** A child run itself. */
function OneChild({ found, asked }: { found: Relative | undefined; asked: OpenChild | undefined }) {
  if (found) return <ChildRunDetail item={found.item} clocks={clocksOf(found.parent, found.item)} />
  if (asked?.item) return <ChildRunDetail item={asked.item} clocks={null} />
  if (asked?.trouble) return <p className={`c-fail ${style.hint}`}>{asked.trouble}</p>
  return <Loading rows={5} />
}

const Keys = () => (
  <span className={style.keys}>
    <kbd>J</kbd>
    <kbd>K</kbd>
  </span>
)

const Hint = () => (
  <p className={style.hint}>
    Click a bar or a row: its prompt, its answer, its attempts and what they cost stand here.{' '}
    <kbd>N</kbd> goes to the next failure.
  </p>
)
