import { useEffect, useState } from 'react'
import { duration, spoken } from '../../parts/numbers'
import { LOOK_WORDS, LOOKS, lookOf, startOf } from './bars'
import type { Moment } from './engine'
import style from './FanoutTimeline.module.css'

const NEWEST = 50
const EVERY_MS = 5000

interface Props {
  source: () => Moment
  onSelect: (query: number) => void
  visible?: boolean
}

/** The newest attempts as a table: for those who do not see the bars, and those who prefer words. */
export function Mirror({ source, onSelect, visible = false }: Props) {
  const [, again] = useState(0)
  useEffect(() => {
    const timer = setInterval(
      () => source().isLive && again((n) => n + 1),
      visible ? 500 : EVERY_MS,
    )
    return () => clearInterval(timer)
  }, [source, visible])
  const { picture, now_us, hasEnded } = source()
  const { attempts, queries, things, names } = picture
  const rows = newest(attempts.rows)
  return (
    <div className={visible ? style.mirror : undefined}>
      <table>
        <caption>
          The newest {rows.length} of {attempts.rows} attempts
        </caption>
        <thead>
          <tr>
            <th>Sub-query</th>
            <th>Provider</th>
            <th>State</th>
            <th>Started</th>
            <th>Took</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const start = startOf(picture, row)
            const ended = attempts.ended_us[row]
            const query = attempts.query[row]
            const id = things.id[queries.thing[query]]
            return (
              <tr key={row}>
                <td>
                  {visible ? (
                    <button type="button" className="lnk" onClick={() => onSelect(query)}>
                      {id}
                    </button>
                  ) : (
                    id
                  )}
                </td>
                <td>{names.provider.all[attempts.provider[row]] ?? 'unknown'}</td>
                <td>{LOOK_WORDS[LOOKS[lookOf(picture, row, now_us, hasEnded)]]}</td>
                <td>{Number.isNaN(start) ? 'not yet' : spoken(duration(start / 1000))}</td>
                <td>{Number.isNaN(ended) ? 'open' : spoken(duration((ended - start) / 1000))}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

const newest = (rows: number): number[] =>
  Array.from({ length: Math.min(NEWEST, rows) }, (_, n) => rows - 1 - n)
