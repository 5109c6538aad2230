import { Link } from '@tanstack/react-router'
import { isHere } from '../live/served'
import type { RunItem } from '../live/shapes.gen'
import { Duration, Tokens } from '../parts/Quantity'
import { RunCost } from './RunCost'
import { titleOf } from './runTitle'
import { StatusGlyph } from './StatusGlyph'
import style from './SubQueryDetail.module.css'

interface Props {
  item: RunItem
  /** Whose clocks were compared to place it, where they are two. */
  clocks: string | null
}

/** A child run in short: its own page has the rest. */
export function ChildRunDetail({ item, clocks }: Props) {
  const facts: [string, React.ReactNode][] = [
    ['Took', <Duration key="took" ms={item.duration_ms} />],
    ['Cost', <RunCost key="cost" run={item} />],
    ['Tokens', <Tokens key="tokens" value={item.tokens_used} unknown={item.unknown_usage} />],
    ['Sub-queries', item.sub_queries],
    ['Machine', item.host ?? 'unknown'],
    ['Begun by', item.parent_id ?? 'the run itself'],
  ]
  return (
    <div className={style.detail}>
      <div className={style.top}>
        <code className="ell" title={item.id}>
          {titleOf(item)}
        </code>
        <span className={style.status}>
          <StatusGlyph status={item.status} presumed={item.presumed} />
          {item.presumed ? `presumed ${item.status}` : item.status}
        </span>
        <span className="c-3">child run</span>
        {item.error_type && (
          <p className={`c-fail ${style.error}`}>
            {item.error_type}: {item.error_message}
          </p>
        )}
        {clocks && <p className={`c-3 ${style.error}`}>≈ {clocks}.</p>}
      </div>
      <p dir="auto">“{item.query}”</p>
      <dl className={style.facts}>
        {facts.map(([name, fact]) =>
          fact === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{fact}</dd>
            </div>
          ),
        )}
      </dl>
      {item.output && <p dir="auto">{item.output}</p>}
      {!isHere(item.id) && (
        <p className="c-3">Its page is not in this file: the board that made it has it.</p>
      )}
      {isHere(item.id) && (
        <Link className="lnk" to="/rlm/runs/$id" params={{ id: item.id }}>
          Open its page
        </Link>
      )}
    </div>
  )
}
