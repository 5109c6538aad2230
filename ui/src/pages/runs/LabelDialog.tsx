import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { labelRun, labelRuns } from '../../live/actions'
import type { LabelChange, RunItem } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Dialog } from '../../parts/Dialog'
import { Field } from '../../parts/Field'
import style from './LabelDialog.module.css'

interface Props {
  runs: readonly RunItem[]
  onClose: () => void
  onDone: () => void
}

interface Said {
  name: string
  tags: string
  removed: string
  experiment: string
  note: string
}

/** What people say of runs. On several at once, only what was filled in is changed. */
export function LabelDialog({ runs, onClose, onDone }: Props) {
  const only = runs.length === 1 ? runs[0] : undefined
  const [said, setSaid] = useState<Said>(() => saidOf(only))
  const set = (field: keyof Said) => (value: string) => setSaid({ ...said, [field]: value })
  const save = useMutation({
    mutationFn: () => (only ? labelOne(only, said) : labelAll(runs, said)),
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Dialog label="Label" onClose={onClose}>
      <form className={style.form} onSubmit={submit}>
        <h2>{only ? 'What this run is' : `What these ${runs.length} runs are`}</h2>
        {only && <Field label="Name" value={said.name} onChange={set('name')} />}
        <Field
          label={only ? 'Tags' : 'Add tags'}
          value={said.tags}
          onChange={set('tags')}
          hint="parted by spaces"
        />
        {!only && <Field label="Remove tags" value={said.removed} onChange={set('removed')} />}
        <Field
          label="Experiment"
          value={said.experiment}
          onChange={set('experiment')}
          hint="runs that share one are compared"
        />
        <Field label="Note" value={said.note} onChange={set('note')} lines={3} />
        {save.error && (
          <p className="c-fail" role="alert">
            {save.error.message}
          </p>
        )}
        <div className={style.buttons}>
          <Button onClick={onClose}>Leave it</Button>
          <Button kind="primary" type="submit" disabled={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const saidOf = (run: RunItem | undefined): Said => ({
  name: run?.name ?? '',
  tags: run?.tags.join(' ') ?? '',
  removed: '',
  experiment: run?.experiment ?? '',
  note: run?.note ?? '',
})

/** Only what was changed here is said: of the rest somebody else may have said more meanwhile. */
function labelOne(run: RunItem, said: Said): Promise<unknown> {
  const was = saidOf(run)
  const change: LabelChange = {}
  for (const field of ['name', 'experiment', 'note'] as const)
    if (said[field] !== was[field]) change[field] = said[field] || null
  if (said.tags !== was.tags) change.tags = listed(said.tags)
  return labelRun(run.id, change)
}

const labelAll = (runs: readonly RunItem[], said: Said): Promise<unknown> =>
  labelRuns({
    runs: runs.map((run) => run.id),
    set: {
      ...(said.experiment && { experiment: said.experiment }),
      ...(said.note && { note: said.note }),
    },
    add_tags: listed(said.tags),
    remove_tags: listed(said.removed),
  })

const listed = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)
