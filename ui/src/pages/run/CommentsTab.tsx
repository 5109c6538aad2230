import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { commentOn, scoreRun } from '../../live/actions'
import { labelsQuestion } from '../../live/queries'
import { isServed } from '../../live/served'
import type { RunWhole, Statement } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Field } from '../../parts/Field'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import { Empty, Trouble } from '../../parts/Trouble'
import { inFull } from '../../parts/times'
import type { Picture } from '../../trace/picture'
import { withoutCodes } from '../../trace/terminal'
import style from './ListTab.module.css'
import { Scores } from './Scores'
import { useRunSearch } from './useRunSearch'

interface Props {
  whole: RunWhole
  /** Of the moment, as `whole`. */
  picture: Picture
  at_us: number | null
}

/** What people said of the run, or of one of its sub-queries, and how programs scored them. */
export function CommentsTab({ whole, picture, at_us }: Props) {
  const { id, created_at_ms } = whole.run
  const [search] = useRunSearch()
  const client = useQueryClient()
  const { data: known, error, refetch } = useQuery(labelsQuestion(id))
  const data = at_us === null ? known : known?.filter(saidBy(created_at_ms + at_us / 1000))
  const later = (known?.length ?? 0) - (data?.length ?? 0)
  const settled = () => {
    client.invalidateQueries({ queryKey: ['labels'] })
    client.invalidateQueries({ queryKey: ['run'] })
  }
  if (error)
    return (
      <Trouble
        title="What was said cannot be read"
        detail={error.message}
        onRetry={() => refetch()}
      />
    )
  return (
    <div className={style.page}>
      <div className={style.column}>
        <Scores picture={picture} />
        <Frame title="What was said">
          {!data ? (
            <Loading />
          ) : data.length === 0 ? (
            <Empty
              title={
                at_us === null
                  ? 'Nobody has said anything of this run yet.'
                  : 'Nobody had said anything of this run at this moment.'
              }
            />
          ) : (
            <ul className={style.statements}>
              {data.toReversed().map((statement, n) => (
                <li key={data.length - n}>
                  <small>
                    {inFull(Date.parse(statement.at))}
                    {statement.by && ` · ${statement.by}`}
                    {statement.query_id && (
                      <>
                        {' '}
                        · <code>{statement.query_id}</code>
                      </>
                    )}
                  </small>
                  <p>{withoutCodes(saysOf(statement))}</p>
                </li>
              ))}
            </ul>
          )}
          {later > 0 && (
            <p className={`c-3 ${style.later}`}>
              {later} {later === 1 ? 'thing was' : 'things were'} said after this moment.
            </p>
          )}
        </Frame>
      </div>
      {isServed(id) && (
        <Frame title="Say something" note={search.sel ? `of ${search.sel}` : 'of the run'}>
          <Comment id={id} sel={search.sel} onDone={settled} />
          <Score id={id} sel={search.sel} onDone={settled} />
        </Frame>
      )}
    </div>
  )
}

const saidBy =
  (at_ms: number) =>
  ({ at }: Statement): boolean =>
    Date.parse(at) <= at_ms

function saysOf({ field, value }: Statement): string {
  if (field === 'comment')
    return typeof value === 'string'
      ? value
      : String((value as { text?: unknown } | null)?.text ?? '')
  if (field === 'score') {
    const { name, value: number } = (value ?? {}) as { name?: string; value?: number }
    return `Score ${name}: ${number}`
  }
  if (value === null) return `Took back the ${field}`
  return `${field}: ${Array.isArray(value) ? value.join(', ') || 'none' : String(value)}`
}

interface FormProps {
  id: string
  sel: string | undefined
  onDone: () => void
}

function Comment({ id, sel, onDone }: FormProps) {
  const [text, setText] = useState('')
  const save = useMutation({
    mutationFn: () => commentOn(id, { text, ...(sel && { query_id: sel }) }),
    onSuccess: () => {
      setText('')
      onDone()
    },
  })
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Field label="Comment" value={text} onChange={setText} lines={4} />
      {save.error && (
        <p className="c-fail" role="alert">
          {save.error.message}
        </p>
      )}
      <Button type="submit" disabled={!text.trim() || save.isPending}>
        Add
      </Button>
    </form>
  )
}

function Score({ id, sel, onDone }: FormProps) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const number = Number(value)
  const isNumber = value.trim() !== '' && Number.isFinite(number)
  const save = useMutation({
    mutationFn: () =>
      scoreRun(id, { name: name.trim(), value: number, ...(sel && { query_id: sel }) }),
    onSuccess: () => {
      setValue('')
      onDone()
    },
  })
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Field
        label="Score"
        value={name}
        onChange={setName}
        hint="a name, as accuracy; it becomes a column"
      />
      <Field label="Value" value={value} onChange={setValue} hint="a number" />
      {save.error && (
        <p className="c-fail" role="alert">
          {save.error.message}
        </p>
      )}
      <Button type="submit" disabled={!name.trim() || !isNumber || save.isPending}>
        Score
      </Button>
    </form>
  )
}
