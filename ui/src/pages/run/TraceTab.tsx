import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { askAsWritten, part } from '../../live/api'
import { runSearchQuestion } from '../../live/queries'
import { isServed } from '../../live/served'
import type { EventPage, Line, RunHit, RunItem, RunSearch, RunWhole } from '../../live/shapes.gen'
import { buttonLook } from '../../parts/Button'
import { CopyButton } from '../../parts/CopyButton'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import type { Column } from '../../parts/grid/columns'
import { Grid } from '../../parts/grid/Grid'
import { Loading } from '../../parts/Loading'
import { whole as said } from '../../parts/numbers'
import { Empty, Trouble } from '../../parts/Trouble'
import { withoutCodes } from '../../trace/terminal'
import { Code } from '../../views/text/Code'
import { useListKeys } from '../runs/useListKeys'
import style from './TraceTab.module.css'
import { useRunSearch } from './useRunSearch'

const PAGE_LINES = 1000
const keyOf = (line: Line) => String(line.seq)

/** The trace as it was written, line by line. */
export function TraceTab({ whole, at_us }: { whole: RunWhole; at_us: number | null }) {
  const { run } = whole
  const [search, change] = useRunSearch()
  const [words, setWords] = useState('')
  const { pages, lines, more } = useLines(run.id, run.status === 'running', at_us)
  const shown = useMemo(() => lines.filter((line) => fits(line, words)), [lines, words])
  const open = useCallback((line: Line) => change({ seq: line.seq }), [change])
  const current = useListKeys(shown, keyOf, open)
  const chosen = lines.find((line) => line.seq === search.seq)
  const soFar = pages.hasNextPage ? ' so far' : ''
  const retry = () => pages.refetch()
  return (
    <div className={style.page} data-chosen={chosen !== undefined || undefined}>
      <Frame
        title="Trace"
        note={`${said(shown.length)} of ${said(lines.length)} lines${soFar}`}
        actions={<LineTools run={run} words={words} onWords={setWords} />}
      >
        {pages.error ? (
          <Trouble title="The trace cannot be read" detail={pages.error.message} onRetry={retry} />
        ) : pages.isPending ? (
          <Loading rows={14} />
        ) : shown.length === 0 ? (
          <Empty
            title={
              at_us !== null && words === ''
                ? 'No line was written yet at this moment.'
                : 'No line fits.'
            }
          />
        ) : (
          <Grid
            label="Trace"
            rows={shown}
            columns={COLUMNS}
            rowKey={keyOf}
            rowHeight_px={24}
            current={search.seq === undefined ? current : String(search.seq)}
            onOpen={open}
            onEnd={more}
          />
        )}
      </Frame>
      {chosen && <OneLine line={chosen} />}
      {isServed(run.id) && at_us === null && (
        <PayloadSearch run={run.id} onOpen={(seq, sel) => change({ seq, sel })} />
      )}
    </div>
  )
}

/** Lines page by page, as far as the list was scrolled; in a replay those written by its moment. */
function useLines(id: string, isLive: boolean, at_us: number | null) {
  const pages = useInfiniteQuery({
    queryKey: ['trace', id],
    initialPageParam: 0,
    queryFn: ({ pageParam: after, signal }) =>
      askAsWritten<EventPage>(`runs/${part(id)}/events`, { after, limit: PAGE_LINES }, signal),
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: isLive ? 3000 : false,
  })
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = pages
  const lines = useMemo(
    () => data?.pages.flatMap((page) => linesBy(page.lines, at_us)) ?? [],
    [data, at_us],
  )
  const last = data?.pages.at(-1)?.lines ?? []
  const isBehind = at_us === null || linesBy(last, at_us).length > 0
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && isBehind) fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, isBehind])
  return { pages, lines, more }
}

/** What was told by a moment; damage has no time, and goes with the line before it. */
function linesBy(lines: readonly Line[], at_us: number | null): readonly Line[] {
  if (at_us === null) return lines
  let isIn = false
  return lines.filter(({ timestamp_ms }) => {
    if (timestamp_ms !== undefined) isIn = timestamp_ms * 1000 <= at_us
    return isIn
  })
}

interface LineToolProps {
  run: RunItem
  words: string
  onWords: (words: string) => void
}

function LineTools({ run, words, onWords }: LineToolProps) {
  return (
    <>
      <input
        className={style.filter}
        aria-label="Filter lines"
        placeholder="type or word, -word to leave out"
        value={words}
        onChange={(event) => onWords(event.target.value)}
      />
      {isServed(run.id) && (
        <a className={buttonLook('plain', 'small')} href={run.trace} download>
          trace.jsonl
        </a>
      )}
    </>
  )
}

const COLUMNS: readonly Column<Line>[] = [
  {
    key: 'seq',
    title: 'Seq',
    width_px: 64,
    align: 'right',
    cell: (line) => <span className="c-3">{line.seq}</span>,
  },
  {
    key: 'at',
    title: 'At',
    width_px: 104,
    align: 'right',
    cell: (line) =>
      line.timestamp_ms === undefined ? (
        ''
      ) : (
        <span className="num">
          {line.timestamp_ms.toFixed(3)}
          <span className="u"> ms</span>
        </span>
      ),
  },
  {
    key: 'type',
    title: 'Event',
    width_px: 176,
    cell: (line) =>
      line.hole ? (
        <>
          <Glyph name="torn" />
          <span className="c-slow">{line.hole} line</span>
        </>
      ) : (
        <code className="c-1">{line.event?.type}</code>
      ),
  },
  {
    key: 'says',
    title: 'Says',
    width_px: 240,
    grows: true,
    cell: (line) => (
      <span className="ell mono" style={{ fontSize: 12 }}>
        {saysOf(line)}
        {line.foreign && ' (of a later version)'}
      </span>
    ),
  },
]

function saysOf(line: Line): string {
  if (!line.event) return ''
  const { type: _, ...rest } = line.event as Record<string, unknown>
  const said = Object.entries(rest)
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('  ')
    .slice(0, 400)
  return withoutCodes(said)
}

function fits(line: Line, words: string): boolean {
  if (words.trim() === '') return true
  const text = JSON.stringify(line).toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((word) =>
      word.startsWith('-') && word.length > 1 ? !text.includes(word.slice(1)) : text.includes(word),
    )
}

function OneLine({ line }: { line: Line }) {
  const text = JSON.stringify(line.hole ? { hole: line.hole } : line.event, null, 2)
  return (
    <Frame
      title={`Line ${said(line.seq)}`}
      actions={<CopyButton text={text} label="Copy the line" />}
      className={style.one}
    >
      <Code text={text} language="json" />
    </Frame>
  )
}

interface PayloadProps {
  run: string
  onOpen: (seq: number, sel: string | undefined) => void
}

function PayloadSearch({ run, onOpen }: PayloadProps) {
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const { data, isFetching, error } = useQuery({
    ...runSearchQuestion(run, asked),
    enabled: asked.length > 1,
  })
  return (
    <Frame
      title="Whole texts"
      note="search in all prompts and answers of this run"
      className={style.search}
    >
      <form
        className={style.form}
        onSubmit={(event) => {
          event.preventDefault()
          setAsked(text.trim())
        }}
      >
        <input
          aria-label="Search in whole texts"
          placeholder="words, then Enter"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="c-3" role="status">
          {isFetching ? 'Looking …' : (error?.message ?? (data && foundOf(data)))}
        </span>
      </form>
      {data && <Hits hits={data.hits} onOpen={onOpen} />}
    </Frame>
  )
}

function foundOf({ hits, cut, searched, of, removed }: RunSearch): string {
  const found = `${said(hits.length)}${cut ? ' and more' : ''} found`
  const gone = removed ? `, ${said(removed)} have no body any more` : ''
  return `${found}; ${said(searched)} of ${said(of)} texts searched${gone}`
}

function Hits({ hits, onOpen }: { hits: readonly RunHit[]; onOpen: PayloadProps['onOpen'] }) {
  return (
    <ul className={style.hits}>
      {hits.map(({ seq, query_id, field, snippet, found: [from, to] }, n) => (
        <li key={n}>
          <button type="button" onClick={() => onOpen(seq, query_id ?? undefined)}>
            <code>{query_id ?? seq}</code>
            <span className="lbl">{field}</span>
            <span className="ell">
              {withoutCodes(snippet.slice(0, from))}
              <mark>{withoutCodes(snippet.slice(from, to))}</mark>
              {withoutCodes(snippet.slice(to))}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
