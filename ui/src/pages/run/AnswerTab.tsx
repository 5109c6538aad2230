import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { address, part } from '../../live/api'
import { citationsQuestion, outputQuestion } from '../../live/queries'
import { isServed } from '../../live/served'
import type { Citation, RunWhole } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import { Loading } from '../../parts/Loading'
import { whole as said } from '../../parts/numbers'
import { Switch } from '../../parts/Switch'
import { Empty, Trouble } from '../../parts/Trouble'
import { withoutCodes } from '../../trace/terminal'
import { CitedText } from '../../views/answer/CitedText'
import { citationsIn } from '../../views/answer/citations'
import { CITATION_GLYPHS, placeIn } from '../../views/answer/states'
import { placeOf } from '../../views/SubQueryDetail'
import { useKeys } from '../keys'
import style from './AnswerTab.module.css'
import { SourcePanel } from './SourcePanel'
import { useLatestRunSearch, useRunSearch } from './useRunSearch'

/** Characters: more of them at once holds up the page. */
const MOST_SHOWN = 200_000

interface Props {
  whole: RunWhole
  /** Where a replay stands; null where there is none. */
  at_us: number | null
}

/** The answer with what each sentence rests on, held against its source now. */
export function AnswerTab({ whole, at_us }: Props) {
  const { run } = whole
  // What the board has by now was not there at that moment.
  const isBefore = at_us !== null && run.status === 'running'
  const [search, change] = useRunSearch()
  const latest = useLatestRunSearch()
  const output = useQuery({ ...outputQuestion(run.id), retry: false, enabled: !isBefore })
  const checked = useQuery({
    ...citationsQuestion(run.id),
    staleTime: 60_000,
    enabled: !isBefore,
  })
  const citations = (isBefore ? null : checked.data) ?? []
  const pick = (cite: number | undefined) => change({ cite })
  const move = (by: number) =>
    pick(Math.min(citations.length, Math.max(1, (latest().cite ?? 0) + by)))
  useKeys({ j: () => move(1), k: () => move(-1), Escape: () => pick(undefined) })
  const text = isBefore || output.data === undefined ? run.output : withoutCodes(output.data)
  const chosen = search.cite === undefined ? undefined : citations[search.cite - 1]
  return (
    <div className={style.page}>
      <div className={style.left}>
        <Frame title="Answer" actions={<Counts citations={citations} />} className={style.answer}>
          {text === null || text === '' ? (
            <NoAnswer whole={whole} isLoading={output.isLoading} isBefore={isBefore} />
          ) : (
            <div className={style.text} dir="auto">
              {text.length > MOST_SHOWN && <Long id={run.id} length={text.length} />}
              <CitedText
                parts={citationsIn(text.slice(0, MOST_SHOWN), citations)}
                citations={citations}
                chosen={search.cite}
                onPick={pick}
              />
            </div>
          )}
        </Frame>
        <Citations
          citations={citations}
          isLoading={checked.isLoading}
          chosen={search.cite}
          onPick={pick}
          isBefore={isBefore}
          onAgain={isServed(run.id) && !isBefore ? () => checked.refetch() : undefined}
          isChecking={checked.isFetching}
          trouble={checked.error?.message}
        />
      </div>
      {chosen ? (
        <SourcePanel key={chosen.span.id} run={run.id} citation={chosen} />
      ) : (
        <Frame title="Source">
          <Empty
            title={
              citations.length
                ? 'Choose a citation: what it cites stands here as it was recorded, and as it is now.'
                : isBefore
                  ? 'Nothing is cited yet at this moment.'
                  : 'Nothing is cited, so there is no source to show.'
            }
          />
        </Frame>
      )}
    </div>
  )
}

function Long({ id, length }: { id: string; length: number }) {
  return (
    <p className="c-3">
      The first {said(MOST_SHOWN)} of {said(length)} characters.{' '}
      {isServed(id) && (
        <a className="lnk" href={address(`runs/${part(id)}/output`)} download={`${id}.output.txt`}>
          The whole answer as a file
        </a>
      )}
    </p>
  )
}

interface NoAnswerProps {
  whole: RunWhole
  isLoading: boolean
  isBefore: boolean
}

function NoAnswer({ whole, isLoading, isBefore }: NoAnswerProps) {
  if (isBefore) return <Empty title="There is no answer yet at this moment." />
  if (isLoading) return <Loading />
  const { run } = whole
  if (run.status === 'running') return <Empty title="There is no answer yet." />
  return (
    <Empty
      title={`The run ended without an answer: ${run.error_message ?? run.end_reason ?? run.status}.`}
    />
  )
}

function Counts({ citations }: { citations: readonly Citation[] }) {
  const states = ['verified', 'moved', 'changed', 'missing'] as const
  return (
    <span className={style.counts}>
      {states.map((state) => {
        const count = citations.filter((citation) => citation.state === state).length
        return count === 0 ? null : (
          <span key={state} title={state}>
            <Glyph name={CITATION_GLYPHS[state]} label={state} /> {count}
          </span>
        )
      })}
    </span>
  )
}

interface ListProps {
  citations: readonly Citation[]
  isLoading: boolean
  isChecking: boolean
  isBefore: boolean
  trouble: string | undefined
  chosen: number | undefined
  onPick: (cite: number) => void
  onAgain: (() => void) | undefined
}

function Citations({
  citations,
  isLoading,
  isChecking,
  isBefore,
  trouble,
  chosen,
  onPick,
  onAgain,
}: ListProps) {
  const [broken, setBroken] = useState(false)
  const numbered = citations.map((citation, n) => ({ citation, number: n + 1 }))
  const shown = numbered.filter(({ citation }) => !broken || citation.state !== 'verified')
  return (
    <Frame
      title="Citations"
      className={style.citations}
      actions={
        <>
          <Switch on={broken} onChange={setBroken}>
            Only what no longer holds
          </Switch>
          {onAgain && (
            <Button size="small" onClick={onAgain} disabled={isChecking}>
              Check again
            </Button>
          )}
        </>
      }
    >
      {trouble ? (
        <Trouble title="The citations could not be checked" detail={trouble} onRetry={onAgain} />
      ) : isLoading ? (
        <Loading />
      ) : shown.length === 0 ? (
        <Empty
          title={
            broken
              ? 'All of them hold.'
              : `The answer cites nothing${isBefore ? ' yet at this moment' : ''}.`
          }
        />
      ) : (
        <ol className={style.list}>
          {shown.map(({ citation, number }) => (
            <One
              key={citation.span.id}
              citation={citation}
              number={number}
              isChosen={chosen === number}
              onPick={onPick}
            />
          ))}
        </ol>
      )}
    </Frame>
  )
}

interface OneProps {
  citation: Citation
  number: number
  isChosen: boolean
  onPick: (cite: number) => void
}

function One({ citation, number, isChosen, onPick }: OneProps) {
  const { span, state, detail } = citation
  return (
    <li>
      <button
        type="button"
        aria-pressed={isChosen}
        onClick={() => onPick(number)}
        title={detail || span.path}
      >
        <span className="num c-3">{number}</span>
        <span className={style.state}>
          <Glyph name={CITATION_GLYPHS[state]} /> {state}
        </span>
        <code className="ell">
          {placeOf(span.path, span.start_line, span.end_line)}
          {placeIn(citation)}
        </code>
      </button>
    </li>
  )
}
