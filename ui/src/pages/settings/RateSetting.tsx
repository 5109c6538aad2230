import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { forgetRate, recordRate } from '../../live/actions'
import { rateQuestion } from '../../live/queries'
import type { Rate } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Field } from '../../parts/Field'
import { Loading } from '../../parts/Loading'
import { rateSaid } from '../../parts/money'
import { Trouble } from '../../parts/Trouble'
import style from './SettingsPage.module.css'

/** The exchange rate by which one currency is shown as the other, with the day that it is of. */
export function RateSetting() {
  const { data, error, refetch } = useQuery(rateQuestion())
  if (error && !data)
    return (
      <Trouble title="The rate cannot be read" detail={error.message} onRetry={() => refetch()} />
    )
  if (!data) return <Loading rows={2} />
  return (
    <div className={style.rate}>
      {data.rate ? (
        <Recorded rate={data.rate} />
      ) : (
        <p className="c-3">None: nothing is converted.</p>
      )}
      <Form key={data.rate?.said_at ?? 'none'} />
    </div>
  )
}

/** What is changed is shown at once, here and wherever an amount stands. */
function useChange<T>(change: (said: T) => Promise<unknown>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: ['rate'] }),
  })
}

function Recorded({ rate }: { rate: Rate }) {
  const forget = useChange(forgetRate)
  return (
    <p>
      <span className="num">{rateSaid(rate)}</span>
      {rate.source && <span className="c-3"> · {rate.source}</span>}{' '}
      <button type="button" className="lnk" onClick={() => forget.mutate(undefined)}>
        Forget it
      </button>
      {forget.error && (
        <span className="c-fail" role="alert">
          {' '}
          {forget.error.message}
        </span>
      )}
    </p>
  )
}

function Form() {
  const [price, setPrice] = useState('')
  const [on, setOn] = useState(() => new Date().toISOString().slice(0, 10))
  const [source, setSource] = useState('')
  const record = useChange(recordRate)
  const usd_per_btc = Number(price.replaceAll(/[,_ ]/g, ''))
  const isWhole = usd_per_btc > 0 && Number.isFinite(usd_per_btc) && /^\d{4}-\d\d-\d\d$/.test(on)
  return (
    <form
      className={style.rateForm}
      onSubmit={(event) => {
        event.preventDefault()
        record.mutate({ usd_per_btc, on, ...(source.trim() && { source: source.trim() }) })
      }}
    >
      <Field
        label="Dollars for one bitcoin"
        value={price}
        onChange={setPrice}
        hint="100,000,000 sats"
      />
      <Field label="On the day" value={on} onChange={setOn} hint="as 2026-11-23" />
      <Field label="Where it was read" value={source} onChange={setSource} hint="if you like" />
      <Button type="submit" disabled={!isWhole || record.isPending}>
        Record
      </Button>
      {record.error && (
        <p className="c-fail" role="alert">
          {record.error.message}
        </p>
      )}
    </form>
  )
}
