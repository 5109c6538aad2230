import { useMemo } from 'react'
import type { RunItem, RunWhole } from '../../live/shapes.gen'
import { Frame } from '../../parts/Frame'
import type { GlyphName } from '../../parts/Glyph'
import { Menu, MenuItem } from '../../parts/Menu'
import { whole as said } from '../../parts/numbers'
import { Segmented } from '../../parts/Segmented'
import type { Chosen } from '../../views/chosen'
import { reachOf } from '../../views/timeline/bars'
import type { Forest } from '../../views/tree/forest'
import { Icicle } from '../../views/tree/Icicle'
import { RecursionTree } from '../../views/tree/RecursionTree'
import type { Branch, Order } from '../../views/tree/rows'
import style from './RunPage.module.css'
import { trunkOf } from './trunk'
import type { ChildRuns } from './useChildRuns'
import type { Seen } from './useMoment'
import { useRunSearch } from './useRunSearch'
import type { RunSelection } from './useSelection'

interface Props {
  whole: RunWhole
  seen: Seen
  runs: ChildRuns
  selection: RunSelection
  inDollars: boolean
}

const ORDERS: readonly { value: Order; label: string }[] = [
  { value: 'time', label: 'By start' },
  { value: 'slowest', label: 'Slowest first' },
  { value: 'cost', label: 'Dearest first' },
  { value: 'tokens', label: 'Most tokens first' },
]
const SHAPES = [
  { value: 'tree', label: 'Tree' },
  { value: 'icicle', label: 'Icicle' },
] as const
const ROOT_GLYPHS: Record<RunItem['status'], GlyphName> = {
  queued: 'queued',
  running: 'run',
  completed: 'ok',
  failed: 'fail',
  cancelled: 'idle',
  interrupted: 'interrupted',
}

/** Who asked whom, as rows or as areas. */
export function TreePanel(props: Props) {
  const [search, change] = useRunSearch()
  const order = ORDERS.find((one) => one.value === search.order) ?? ORDERS[0]
  const actions = (
    <>
      <Menu trigger={<button type="button">{order.label}</button>}>
        {ORDERS.map(({ value, label }) => (
          <MenuItem
            key={value}
            onSelect={() => change({ order: value === 'time' ? undefined : value })}
          >
            {label}
          </MenuItem>
        ))}
      </Menu>
      <Segmented
        label="Shape of the tree"
        value={search.tree ?? 'tree'}
        options={SHAPES}
        onChange={(tree) => change({ tree: tree === 'icicle' ? tree : undefined })}
      />
    </>
  )
  return (
    <Frame
      title="Recursion tree"
      note={noteOf(props.seen.forest, props.whole.children.length)}
      className={style.treeFrame}
      actions={actions}
    >
      {search.tree === 'icicle' ? <Areas {...props} /> : <Rows {...props} order={order.value} />}
    </Frame>
  )
}

/** The tree of the moment, with those of child runs in it. */
function useTrunk({ whole, seen, runs }: Props): Branch {
  const { forest, hasEnded } = seen
  const at_us = seen.isReplay ? seen.now_us : null
  return useMemo(
    () =>
      trunkOf({
        run: whole.run,
        forest,
        hasEnded,
        children: whole.children,
        open: runs.open,
        at_us,
      }),
    [whole, forest, hasEnded, runs.open, at_us],
  )
}

function Rows(props: Props & { order: Order }) {
  const { whole, seen, runs, selection, inDollars, order } = props
  const [, last_us] = reachOf(runs.bars, 0, Math.max(seen.now_us, 1))
  return (
    <RecursionTree
      trunk={useTrunk(props)}
      order={order}
      now_us={seen.now_us}
      last_us={seen.isReplay ? seen.now_us : last_us}
      rootGlyph={ROOT_GLYPHS[seen.isLive ? 'running' : whole.run.status]}
      selected={selection.chosen}
      onSelect={selection.pick}
      onTurnRun={runs.turn}
      inDollars={inDollars}
    />
  )
}

function Areas(props: Props) {
  const { seen, runs, selection } = props
  const [search, change] = useRunSearch()
  const pick = (chosen: Chosen) => {
    // A child run that was chosen stays open, so that what is in it can be chosen next.
    if (chosen.run !== null) runs.keepOpen(chosen.run)
    selection.pick(chosen)
  }
  return (
    <Icicle
      trunk={useTrunk(props)}
      size={search.size ?? 'time'}
      onSize={(size) => change({ size: size === 'time' ? undefined : size })}
      now_us={seen.now_us}
      selected={selection.chosen}
      onSelect={pick}
    />
  )
}

function noteOf(forest: Forest, children: number): string {
  const branches = forest.first[1] - forest.first[0]
  const spans = forest.spans[0]
  const parts = [
    `${said(branches)} ${branches === 1 ? 'branch' : 'branches'}`,
    Number.isNaN(spans) ? null : `${said(spans)} SpanRefs`,
    `${said(forest.size[0])} ${forest.size[0] === 1 ? 'call' : 'calls'}`,
    children ? `${said(children)} child ${children === 1 ? 'run' : 'runs'}` : null,
  ]
  return parts.filter(Boolean).join(' · ')
}
