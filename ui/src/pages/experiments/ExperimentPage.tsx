import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { describeExperiment } from '../../live/actions'
import { exported } from '../../live/exported'
import { experimentQuestion } from '../../live/queries'
import { Button } from '../../parts/Button'
import { Dialog } from '../../parts/Dialog'
import { Field } from '../../parts/Field'
import { whole } from '../../parts/numbers'
import { Facts } from '../../parts/Pill'
import labels from '../runs/LabelDialog.module.css'
import { useTitle } from '../shell/crumbs'
import { Compared } from './Compared'
import { CopyLink } from './CopyLink'
import style from './Experiments.module.css'

/** The runs of one experiment, compared. */
export function ExperimentPage() {
  const { name } = useParams({ from: '/rlm/experiments/$name' })
  const search = useSearch({ from: '/rlm/experiments/$name' })
  useTitle({ name: 'Experiments', to: '/rlm/experiments' }, { name })
  const { data } = useQuery(experimentQuestion(name))
  const filter = `experiment:"${name.replaceAll('"', '')}"${search.filter ? ` ${search.filter}` : ''}`
  return (
    <div className={style.page}>
      <header className={style.header}>
        <h1>{name}</h1>
        {data && (
          <Facts
            facts={[
              ['runs', whole(data.runs)],
              ['completed', whole(data.statuses.completed ?? 0)],
              ...(data.baseline ? [['baseline', data.baseline] as const] : []),
            ]}
          />
        )}
        <div className={style.actions}>
          <CopyLink />
        </div>
        {exported ? (
          <p className={style.about}>{data?.description}</p>
        ) : (
          <Describe name={name} description={data?.description ?? null} />
        )}
      </header>
      <Compared
        ask={{ filter }}
        search={search}
        base={search.base ?? data?.baseline ?? null}
        name={name}
      />
    </div>
  )
}

function Describe({ name, description }: { name: string; description: string | null }) {
  const [isOpen, setOpen] = useState(false)
  const [text, setText] = useState(description ?? '')
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => describeExperiment(name, { description: text || null }),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ['experiment'] })
      client.invalidateQueries({ queryKey: ['experiments'] })
      setOpen(false)
    },
  })
  return (
    <>
      <p className={style.about}>
        {description}{' '}
        <button
          type="button"
          className="lnk"
          onClick={() => {
            setText(description ?? '')
            setOpen(true)
          }}
        >
          {description ? 'edit' : 'Say what it asks'}
        </button>
      </p>
      {isOpen && (
        <Dialog label="Describe the experiment" onClose={() => setOpen(false)}>
          <form
            className={labels.form}
            onSubmit={(event) => {
              event.preventDefault()
              save.mutate()
            }}
          >
            <h2>What {name} asks</h2>
            <Field label="Description" value={text} onChange={setText} lines={4} />
            {save.error && (
              <p className="c-fail" role="alert">
                {save.error.message}
              </p>
            )}
            <div className={labels.buttons}>
              <Button onClick={() => setOpen(false)}>Leave it</Button>
              <Button kind="primary" type="submit" disabled={save.isPending}>
                Save
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  )
}
