import type { RunItem } from '../../live/shapes.gen'
import { Frame } from '../../parts/Frame'
import type { GlyphName } from '../../parts/Glyph'
import { Menu, MenuItem } from '../../parts/Menu'
import { whole } from '../../parts/numbers'
import { Segmented } from '../../parts/Segmented'
import type { Forest, Order } from '../../views/tree/forest'
import { Icicle } from '../../views/tree/Icicle'
import { RecursionTree } from '../../views/tree/RecursionTree'
import style from './RunPage.module.css'
import type { Seen } from './useMoment'
import { useRunSearch } from './useRunSearch'
import type { RunSelection } from './useSelection'

interface Props {
  seen: Seen
  status: RunItem['status']
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
      note={noteOf(props.seen.forest)}
      className={style.treeFrame}
      actions={actions}
    >
      {search.tree === 'icicle' ? <Areas {...props} /> : <Rows {...props} order={order.value} />}
    </Frame>
  )
}

function Rows({ seen, status, selection, inDollars, order }: Props & { order: Order }) {
  const isGoing = seen.isLive || seen.isReplay
  return (
    <RecursionTree
      forest={seen.forest}
      order={order}
      now_us={seen.now_us}
      rootGlyph={ROOT_GLYPHS[isGoing ? 'running' : status]}
      hasEnded={seen.hasEnded && !seen.isReplay}
      selected={selection.chosen?.thing ?? -1}
      onSelect={(thing) => selection.pick({ run: null, thing })}
      inDollars={inDollars}
    />
  )
}

function Areas({ seen, selection }: Props) {
  const [search, change] = useRunSearch()
  return (
    <Icicle
      forest={seen.forest}
      size={search.size ?? 'time'}
      onSize={(size) => change({ size: size === 'time' ? undefined : size })}
      now_us={seen.now_us}
      selected={selection.chosen?.thing ?? -1}
      onSelect={(thing) => selection.pick({ run: null, thing })}
    />
  )
}

function noteOf(forest: Forest): string {
  const branches = forest.first[1] - forest.first[0]
  const spans = forest.spans[0]
  const parts = [
    `${whole(branches)} ${branches === 1 ? 'branch' : 'branches'}`,
    Number.isNaN(spans) ? null : `${whole(spans)} SpanRefs`,
    `${whole(forest.size[0])} calls`,
  ]
  return parts.filter(Boolean).join(' · ')
}
