import { useId } from 'react'
import { DROPPED } from '../../live/served'
import { Loading } from '../../parts/Loading'
import { Empty, Trouble } from '../../parts/Trouble'
import { OneRun } from '../run/RunPage'
import style from './DroppedPage.module.css'
import { useOpenTrace } from './opening'

/** The run of a trace that was dropped on the page. */
export function DroppedPage() {
  const { trace, reading, trouble, number } = useOpenTrace()
  return (
    <>
      {trouble && <Trouble title="The file cannot be opened" detail={trouble} />}
      {reading !== null ? (
        <>
          <p className="c-2" role="status">
            Reading {reading} …
          </p>
          <Loading rows={10} />
        </>
      ) : trace ? (
        <>
          <p className={style.notice} role="note">
            {trace.name}, opened from a file. It lies in this page alone: whole texts, labels and
            sources are in the folder of the run.
          </p>
          <OneRun key={number} id={DROPPED} />
        </>
      ) : (
        <Choose />
      )}
    </>
  )
}

function Choose() {
  const id = useId()
  const open = useOpenTrace((state) => state.open)
  return (
    <>
      <h1 className="sr">A trace from a file</h1>
      <Empty title="Drop the trace.jsonl of a run anywhere on the page, or choose it. Nothing is sent or stored.">
        <label htmlFor={id}>
          <span className="sr">A trace.jsonl</span>
          <input
            id={id}
            type="file"
            accept=".jsonl,.ndjson,.json"
            onChange={(event) => {
              const file = event.target.files?.[0]
              if (file) open(file)
            }}
          />
        </label>
      </Empty>
    </>
  )
}
