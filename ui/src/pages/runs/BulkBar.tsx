import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Archive, ChartColumn, Download, Star, Tag, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { labelRuns, restoreRuns, trashRuns } from '../../live/actions'
import { address } from '../../live/api'
import type { Done, LabelChange, RunItem } from '../../live/shapes.gen'
import { Button, buttonLook } from '../../parts/Button'
import { costOf, sumOf } from '../../parts/money'
import { whole } from '../../parts/numbers'
import { Money, Tokens } from '../../parts/Quantity'
import { NotDone } from '../../parts/Trouble'
import { useKeys } from '../keys'
import style from './BulkBar.module.css'
import type { Selection } from './choices'
import { LabelDialog } from './LabelDialog'
import { type Chosen as ChosenRuns, useChosen } from './useChosen'

interface Props {
  runs: readonly RunItem[]
  selection: Selection
  onClear: () => void
}

/** What can be done with the chosen runs; without any, what all of them sum to. */
export function BulkBar({ runs, selection, onClear }: Props) {
  const chosen = useChosen(runs, selection.selected)
  const [said, setSaid] = useState<React.ReactNode>(null)
  if (chosen.runs.length === 0) return <Sums runs={runs} said={said} />
  return <Chosen chosen={chosen.runs} unseen={chosen.unseen} onClear={onClear} setSaid={setSaid} />
}

interface ChosenProps {
  chosen: ChosenRuns['runs']
  unseen: number
  onClear: () => void
  setSaid: (said: React.ReactNode) => void
}

function Chosen({ chosen, unseen, onClear, setSaid }: ChosenProps) {
  const [labels, setLabels] = useState(false)
  const { settled, label, trash } = useBulk(chosen, onClear, setSaid)
  const why = label.error ?? trash.error
  return (
    <div className={style.bar} role="toolbar" aria-label={`${chosen.length} runs selected`}>
      <b className="num">{whole(chosen.length)} selected</b>
      {unseen > 0 && (
        <span className="c-slow" title="In a group that is closed, or not in this list any more">
          {whole(unseen)} of them out of sight
        </span>
      )}
      <span className={style.sums}>
        <Total runs={chosen} />
      </span>
      <i />
      <Acts
        chosen={chosen}
        onLabel={() => setLabels(true)}
        onChange={label.mutate}
        onTrash={() => trash.mutate()}
      />
      <i />
      <Button kind="quiet" size="small" className={style.wide} onClick={onClear}>
        Clear<kbd>Esc</kbd>
      </Button>
      <NotDone why={why} />
      {labels && <LabelDialog runs={chosen} onClose={() => setLabels(false)} onDone={settled} />}
    </div>
  )
}

/** The same change to all chosen runs, and to the trash, from where they come back. */
function useBulk(chosen: readonly RunItem[], onClear: () => void, setSaid: ChosenProps['setSaid']) {
  const client = useQueryClient()
  const ids = chosen.map((run) => run.id)
  const settled = () => {
    client.invalidateQueries({ queryKey: ['run-list'] })
    client.invalidateQueries({ queryKey: ['run-groups'] })
    client.invalidateQueries({ queryKey: ['runs'] }) // the counts of the views
  }
  const restore = useMutation({
    mutationFn: restoreRuns,
    onSuccess: ({ refused }) => {
      settled()
      setSaid(refused.map((refusal) => <NotDone key={refusal.run} why={new Error(refusal.why)} />))
    },
    onError: (why) => setSaid(<NotDone why={why} />),
  })
  const label = useMutation({
    mutationFn: (set: LabelChange) => labelRuns({ runs: ids, set }),
    onSettled: settled,
  })
  const trash = useMutation({
    mutationFn: () => trashRuns(ids),
    onSuccess: (done) => {
      settled()
      onClear()
      setSaid(<Undo done={done} onUndo={() => restore.mutate(done.done)} />)
    },
  })
  return { settled, label, trash }
}

interface ActProps {
  chosen: readonly RunItem[]
  onLabel: () => void
  onChange: (change: LabelChange) => void
  onTrash: () => void
}

function Acts({ chosen, onLabel, onChange, onTrash }: ActProps) {
  const go = useNavigate()
  const ids = chosen.map((run) => run.id)
  const isStarred = chosen.every((run) => run.star)
  const isArchived = chosen.every((run) => run.archived)
  const star = () => onChange({ star: isStarred ? null : true })
  const compare = () => go({ to: '/rlm/compare', search: { runs: ids } })
  const archive = () => onChange({ archived: isArchived ? null : true })
  useKeys({ c: compare, s: star, l: onLabel, e: archive, Delete: onTrash })
  const quiet = { kind: 'quiet', size: 'small' } as const
  return (
    <>
      <Button {...quiet} onClick={compare}>
        <ChartColumn />
        Compare<kbd>C</kbd>
      </Button>
      <Button {...quiet} onClick={onLabel}>
        <Tag />
        Label<kbd>L</kbd>
      </Button>
      <Button {...quiet} onClick={star}>
        <Star />
        {isStarred ? 'Unstar' : 'Star'}
        <kbd>S</kbd>
      </Button>
      <a
        className={`${buttonLook('quiet', 'small')} ${style.wide}`}
        href={address('export', { run: ids, format: 'csv' })}
        download
      >
        <Download />
        Export
      </a>
      <Button {...quiet} className={style.wide} onClick={archive}>
        <Archive />
        {isArchived ? 'Unarchive' : 'Archive'}
        <kbd>E</kbd>
      </Button>
      <Button {...quiet} onClick={onTrash}>
        <Trash2 />
        Delete<kbd>Del</kbd>
      </Button>
    </>
  )
}

function Undo({ done, onUndo }: { done: Done; onUndo: () => void }) {
  useKeys({ z: onUndo }, done.done.length > 0)
  return (
    <span role="status">
      {done.done.length > 0 && (
        <>
          {whole(done.done.length)} moved to the trash, kept for a week.{' '}
          <button type="button" className="lnk" onClick={onUndo}>
            Undo
          </button>{' '}
          <kbd>Z</kbd>
        </>
      )}
      {done.refused.map((refusal) => (
        <span key={refusal.run} className="c-fail">
          {' '}
          {refusal.why}
        </span>
      ))}
    </span>
  )
}

function Sums({ runs, said }: { runs: readonly RunItem[]; said: React.ReactNode }) {
  return (
    <div className={style.bar}>
      {said}
      <span className={style.all}>
        {runs.length > 0 && (
          <>
            {whole(runs.length)} shown: <Total runs={runs} />
          </>
        )}
      </span>
    </div>
  )
}

/** What is known of the cost and the tokens of these runs, and of how many nothing is. */
function Total({ runs }: { runs: readonly RunItem[] }) {
  const sum = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null)
    return known.length ? known.reduce((total, value) => total + value, 0) : null
  }
  const costs = sumOf(runs.map(costOf))
  const isUnknown = (run: RunItem) =>
    run.unknown_cost > 0 || (run.cost_msat === null && run.cost_usd_nanos === null)
  const unknown = runs.filter(isUnknown).length
  return (
    <>
      <Money {...costs} unknown={unknown} /> ·{' '}
      <Tokens
        value={sum(runs.map((run) => run.tokens_used))}
        unknown={runs.filter((run) => run.unknown_usage > 0).length}
      />
      <span className="u"> tokens</span>
    </>
  )
}
