import { Maximize2, X } from 'lucide-react'
import { useState } from 'react'
import type { Follower } from '../../live/follow'
import { Dialog } from '../../parts/Dialog'
import { Frame } from '../../parts/Frame'
import { CELL, RLM, ROOT, SUB_QUERY, TOOL, TURN } from '../../trace/picture.gen'
import { NodeDetail } from '../../views/NodeDetail'
import { SubQueryDetail } from '../../views/SubQueryDetail'
import style from './Selected.module.css'
import type { Seen } from './useMoment'
import type { RunSelection } from './useSelection'

interface Props {
  id: string
  follower: Follower
  seen: Seen
  selection: RunSelection
}

const NODES = new Set<number>([RLM, TURN, CELL, TOOL])

/** What was clicked, whole. */
export function Selected({ id, follower, seen, selection }: Props) {
  const [isLarge, setLarge] = useState(false)
  const { picture } = seen
  const { id: sel, pick } = selection
  const onClose = () => pick(null)
  const thing = sel === undefined ? undefined : picture.found.things.get(sel)
  const kind = thing === undefined ? null : picture.things.kind[thing]
  const isLive = follower.state === 'live'
  if (sel === undefined || thing === ROOT)
    return (
      <Frame title="Selected" actions={<Keys />} className={style.idle}>
        <Hint />
      </Frame>
    )
  const content =
    kind === SUB_QUERY ? (
      <SubQueryDetail key={sel} run={id} query={sel} isLive={isLive} />
    ) : kind !== null && NODES.has(kind) && thing !== undefined ? (
      <NodeDetail
        run={id}
        picture={picture}
        row={picture.things.row[thing]}
        hasEnded={seen.hasEnded && !seen.isReplay}
        onPick={(next) => pick({ run: null, thing: next })}
      />
    ) : (
      <p className={style.hint}>The trace names it as a parent and says nothing more of it.</p>
    )
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
            onClick={onClose}
          >
            <X size={14} />
          </button>
        </>
      }
    >
      {content}
      {isLarge && (
        <Dialog label={sel} onClose={() => setLarge(false)} className={style.large}>
          {content}
        </Dialog>
      )}
    </Frame>
  )
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
