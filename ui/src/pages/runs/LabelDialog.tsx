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

/** What people say of runs. On several at once, only what was filled in is changed. */
export function LabelDialog({ runs, onClose, onDone }: Props) {
  const only = runs.length === 1 ? runs[0] : undefined
  const [name, setName] = useState(only?.name ?? '')
  const [tags, setTags] = useState(only?.tags.join(' ') ?? '')
  const [removed, setRemoved] = useState('')
  const [experiment, setExperiment] = useState(only?.experiment ?? '')
  const [note, setNote] = useState(only?.note ?? '')
  const save = useMutation({
    mutationFn: async () => {
      if (only)
        return void (await labelRun(only.id, {
          name: name || null,
          tags: listed(tags),
          experiment: experiment || null,
          note: note || null,
        }))
      const set: LabelChange = { ...(experiment && { experiment }), ...(note && { note }) }
      await labelRuns({
        runs: runs.map((run) => run.id),
        set,
        add_tags: listed(tags),
        remove_tags: listed(removed),
      })
    },
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  return (
    <Dialog label="Label" onClose={onClose}>
      <form
        className={style.form}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <h2>{only ? 'What this run is' : `What these ${runs.length} runs are`}</h2>
        {only && <Field label="Name" value={name} onChange={setName} />}
        <Field
          label={only ? 'Tags' : 'Add tags'}
          value={tags}
          onChange={setTags}
          hint="parted by spaces"
        />
        {!only && <Field label="Remove tags" value={removed} onChange={setRemoved} />}
        <Field
          label="Experiment"
          value={experiment}
          onChange={setExperiment}
          hint="runs that share one are compared"
        />
        <Field label="Note" value={note} onChange={setNote} lines={3} />
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

const listed = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)
