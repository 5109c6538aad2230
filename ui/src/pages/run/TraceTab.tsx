import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { ask, part } from '../../live/api'
import { runSearchQuestion } from '../../live/queries'
import { isServed } from '../../live/served'
import type { EventPage, Line, RunWhole } from '../../live/shapes.gen'
import { buttonLook } from '../../parts/Button'
import { CopyButton } from '../../parts/CopyButton'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import type { Column } from '../../parts/grid/columns'
import { Grid } from '../../parts/grid/Grid'
import { Loading } from '../../parts/Loading'
import { whole as said } from '../../parts/numbers'
import { Empty, Trouble } from '../../parts/Trouble'
import { Code } from '../../views/text/Code'
import { useListKeys } from '../runs/useListKeys'
import style from './TraceTab.module.css'
import { useRunSearch } from './useRunSearch'

const PAGE_LINES = 1000
const keyOf = (line: Line) => String(line.seq)

/** The trace as it was written, line by line. */
export function TraceTab({ whole }: { whole: RunWhole }) {
  const { run } = whole
  const [search, change] = useRunSearch()
  const [words, setWords] = useState('')
  const live = run.status === 'running'
  const pages = useInfiniteQuery({
    queryKey: ['trace', run.id],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      ask<EventPage>(
        `runs/${part(run.id)}/events`,
        { after: pageParam, limit: PAGE_LINES },
        signal,
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: live ? 3000 : false,
  })
  const lines = useMemo(() => pages.data?.pages.flatMap((page) => page.lines) ?? [], [pages.data])
  const shown = useMemo(() => lines.filter((line) => fits(line, words)), [lines, words])
  const open = useCallback((line: Line) => change({ seq: line.seq }), [change])
  const current = useListKeys(shown, keyOf, open)
  const chosen = lines.find((line) => line.seq === search.seq)
  const more = useCallback(() => {
    if (pages.hasNextPage && !pages.isFetchingNextPage) pages.fetchNextPage()
  }, [pages.hasNextPage, pages.isFetchingNextPage, pages.fetchNextPage])
  return (
    <div className={style.page} data-chosen={chosen !== undefined || undefined}>
      <Frame
        title="Trace"
        note={`${said(shown.length)} of ${said(lines.length)} lines${pages.hasNextPage ? ' so far' : ''}`}
        actions={
          <>
            <input
              className={style.filter}
              aria-label="Filter lines"
              placeholder="type or word, -word to leave out"
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
            {isServed(run.id) && (
              <a className={buttonLook('plain', 'small')} href={run.trace} download>
                trace.jsonl
              </a>
            )}
          </>
        }
      >
        {pages.error ? (
          <Trouble
            title="The trace cannot be read"
            detail={pages.error.message}
            onRetry={() => pages.refetch()}
          />
        ) : pages.isPending ? (
          <Loading rows={14} />
        ) : shown.length === 0 ? (
          <Empty title="No line fits." />
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
      {isServed(run.id) && (
        <PayloadSearch run={run.id} onOpen={(seq, sel) => change({ seq, sel })} />
      )}
    </div>
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
  return Object.entries(rest)
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('  ')
    .slice(0, 400)
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

function PayloadSearch({
  run,
  onOpen,
}: {
  run: string
  onOpen: (seq: number, sel: string | undefined) => void
}) {
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
          {isFetching
            ? 'Looking …'
            : error
              ? error.message
              : data &&
                `${said(data.hits.length)}${data.cut ? ' and more' : ''} found; ${said(data.searched)} of ${said(data.of)} texts searched${data.removed ? `, ${said(data.removed)} have no body any more` : ''}`}
        </span>
      </form>
      {data && (
        <ul className={style.hits}>
          {data.hits.map((hit, n) => (
            <li key={n}>
              <button type="button" onClick={() => onOpen(hit.seq, hit.query_id ?? undefined)}>
                <code>{hit.query_id ?? hit.seq}</code>
                <span className="lbl">{hit.field}</span>
                <span className="ell">
                  {hit.snippet.slice(0, hit.found[0])}
                  <mark>{hit.snippet.slice(hit.found[0], hit.found[1])}</mark>
                  {hit.snippet.slice(hit.found[1])}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Frame>
  )
}
