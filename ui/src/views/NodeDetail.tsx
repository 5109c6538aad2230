import { useQuery } from '@tanstack/react-query'
import { payloadQuestion } from '../live/queries'
import type { Text } from '../live/shapes.gen'
import { Duration } from '../parts/Quantity'
import type { Ref } from '../trace/columns'
import type { Picture } from '../trace/picture'
import { CELL, THING_KINDS } from '../trace/picture.gen'
import style from './SubQueryDetail.module.css'
import { Code } from './text/Code'
import { withoutAnsi } from './text/highlight'
import { Reader } from './text/Reader'

interface Props {
  run: string
  picture: Picture
  row: number
}

/** A child RLM, a turn, a code cell or a tool: what went in and what came out. */
export function NodeDetail({ run, picture, row }: Props) {
  const { nodes, things, names } = picture
  const kind = nodes.kind[row]
  const ms = (nodes.ended_us[row] - nodes.started_us[row]) / 1000
  return (
    <div className={style.detail}>
      <div className={style.top}>
        <code className="ell">{things.id[nodes.thing[row]]}</code>
        <span className={style.status}>{Number.isNaN(ms) ? 'open' : <Duration ms={ms} />}</span>
        <span className="c-3">
          {THING_KINDS[kind]} {nodes.label[row]}
        </span>
        {nodes.reason[row] >= 0 && (
          <span className="c-fail">{names.reason.all[nodes.reason[row]]}</span>
        )}
      </div>
      <Part
        title={kind === CELL ? 'Code' : 'In'}
        run={run}
        text={nodes.input[row]}
        payload={nodes.input_ref[row]}
        isCode={kind === CELL}
      />
      <Part
        title={kind === CELL ? 'Output' : 'Out'}
        run={run}
        text={nodes.output[row]}
        payload={nodes.output_ref[row]}
        isCode={false}
      />
    </div>
  )
}

interface PartProps {
  title: string
  run: string
  text: string | null
  payload: Ref | null
  isCode: boolean
}

function Part({ title, run, text, payload, isCode }: PartProps) {
  const sha256 = typeof payload === 'string' ? payload : (payload?.[0] ?? null)
  const whole = useQuery({ ...payloadQuestion(run, sha256 ?? ''), enabled: sha256 !== null })
  const said = whole.data ?? text
  if (said === null || said === undefined)
    return sha256 === null ? null : (
      <p className={style.source}>{whole.error ? whole.error.message : 'Loading'}</p>
    )
  const shown: Text = {
    sha256,
    text: said,
    bytes: null,
    state: whole.data !== undefined || sha256 === null ? 'whole' : 'preview',
  }
  return (
    <section>
      <h3 className="lbl">{title}</h3>
      {isCode ? (
        <Code text={withoutAnsi(said)} language="python" first={1} />
      ) : (
        <Reader text={shown} />
      )}
    </section>
  )
}
