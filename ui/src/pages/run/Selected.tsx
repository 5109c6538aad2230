import { Maximize2, X } from 'lucide-react'
import { useState } from 'react'
import type { Follower } from '../../live/follow'
import type { RunItem, RunWhole } from '../../live/shapes.gen'
import { Dialog } from '../../parts/Dialog'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import type { Picture } from '../../trace/picture'
import { CELL, RLM, ROOT, SUB_QUERY, TOOL, TURN } from '../../trace/picture.gen'
import { ChildRunDetail } from '../../views/ChildRunDetail'
import type { Chosen } from '../../views/chosen'
import { NodeDetail } from '../../views/NodeDetail'
import { SubQueryDetail } from '../../views/SubQueryDetail'
import { clocksOf } from './childClock'
import style from './Selected.module.css'
import type { ChildRuns } from './useChildRuns'
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
  const { whole, follower, seen, runs, selection, chosen } = props
  if (chosen.run === null)
    return (
      <OneThing
        run={whole.run.id}
        picture={seen.picture}
        thing={chosen.thing}
        id={selection.id}
        isLive={follower.state === 'live'}
        hasEnded={seen.hasEnded && !seen.isReplay}
        onPick={(thing) => selection.pick({ run: null, thing })}
      />
    )
  if (chosen.thing === ROOT) return <OneChild whole={whole} runs={runs} id={chosen.run} />
  const child = runs.open.get(chosen.run)?.follower
  if (!child || child.state === 'loading') return <Loading rows={5} />
  return (
    <OneThing
      run={chosen.run}
      picture={child.picture}
      thing={chosen.thing}
      id={selection.id}
      isLive={child.state === 'live'}
      hasEnded={child.state === 'ended'}
      onPick={(thing) => selection.pick({ run: chosen.run, thing })}
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
  onPick: (thing: number) => void
}

/** A thing of a run, whichever run it is. */
function OneThing({ run, picture, thing, id, isLive, hasEnded, onPick }: OneProps) {
  const kind = thing < 0 ? 0 : picture.things.kind[thing]
  if (kind === SUB_QUERY && id !== undefined)
    return <SubQueryDetail key={id} run={run} query={id} isLive={isLive} />
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

/** A child run itself, of this run or of one of its children. */
function OneChild({ whole, runs, id }: { whole: RunWhole; runs: ChildRuns; id: string }) {
  const found = itemOf(whole, runs, id)
  if (found) return <ChildRunDetail item={found.item} clocks={clocksOf(found.parent, found.item)} />
  const asked = runs.open.get(id)
  if (asked?.item) return <ChildRunDetail item={asked.item} clocks={null} />
  if (asked?.trouble) return <p className={`c-fail ${style.hint}`}>{asked.trouble}</p>
  return <Loading rows={5} />
}

function itemOf({ run, children }: RunWhole, { open }: ChildRuns, id: string) {
  const families: [parent: RunItem, children: readonly RunItem[]][] = [[run, children]]
  for (let n = 0; n < families.length; n += 1) {
    for (const item of families[n][1]) {
      if (item.id === id) return { parent: families[n][0], item }
      const below = open.get(item.id)?.children
      if (below && !families.some(([parent]) => parent.id === item.id)) families.push([item, below])
    }
  }
  return null
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
