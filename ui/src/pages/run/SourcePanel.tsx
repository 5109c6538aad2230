import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { sourceQuestion } from '../../live/queries'
import type { Citation, Excerpt, Source } from '../../live/shapes.gen'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import { Loading } from '../../parts/Loading'
import { Segmented } from '../../parts/Segmented'
import { Empty, Trouble } from '../../parts/Trouble'
import { CITATION_GLYPHS } from '../../views/answer/states'
import { Changes } from '../../views/text/Changes'
import { Code } from '../../views/text/Code'
import { changesOf } from '../../views/text/changes'
import style from './AnswerTab.module.css'

type Which = 'then' | 'now' | 'both'
const CONTEXT_LINES = 12

const WORDS: Record<Citation['state'], string> = {
  verified: 'The source still has exactly these bytes.',
  moved: 'The same bytes stand elsewhere in the file now.',
  changed: 'The file no longer has what the answer cites.',
  missing: 'The file is not there any more.',
}

/** What a citation cites: as it was recorded, and as it is now. */
export function SourcePanel({ run, citation }: { run: string; citation: Citation }) {
  const { span } = citation
  const [which, setWhich] = useState<Which>(
    citation.state === 'changed' ? 'both' : citation.state === 'missing' ? 'then' : 'now',
  )
  const { data, error, refetch } = useQuery({
    ...sourceQuestion(run, span.id, citation.seq, CONTEXT_LINES),
    staleTime: 60_000,
  })
  const options = [
    { value: 'then', label: 'Recorded' },
    { value: 'now', label: 'Now' },
    { value: 'both', label: citation.state === 'changed' ? 'Changes' : 'Both' },
  ] as const
  return (
    <Frame
      title="Source"
      note={<code title={span.path}>{span.path}</code>}
      actions={
        <Segmented label="Which source" value={which} options={options} onChange={setWhich} />
      }
      className={style.source}
    >
      <p className={style.verdict}>
        <Glyph name={CITATION_GLYPHS[citation.state]} label={citation.state} />
        <span>
          {citation.detail || WORDS[citation.state]}
          {citation.where && (
            <span className="c-3">
              {' '}
              Held against the {citation.where}
              {span.commit ? `, recorded at ${span.commit.slice(0, 7)}` : ''}.
            </span>
          )}
        </span>
      </p>
      {error ? (
        <Trouble
          title="The source cannot be shown"
          detail={error.message}
          onRetry={() => refetch()}
        />
      ) : !data ? (
        <Loading rows={12} />
      ) : (
        <Excerpts source={data} which={which} />
      )}
    </Frame>
  )
}

function Excerpts({ source, which }: { source: Source; which: Which }) {
  const { now, then, language, citation } = source
  const isChanged = citation.state === 'changed' || citation.state === 'missing'
  const both = which === 'both'
  if (both && isChanged && then && now) return <Against then={then} now={now} language={language} />
  return (
    <>
      {which !== 'now' &&
        (then ? (
          <One
            excerpt={then}
            language={language}
            mark={isChanged ? 'gone' : 'cited'}
            title={both ? 'As recorded' : null}
          />
        ) : (
          <Empty title="What it said then is not to be had: the commit does not hold it." />
        ))}
      {which !== 'then' &&
        (now ? (
          <One
            excerpt={now}
            language={language}
            mark={isChanged ? 'new' : 'cited'}
            title={both ? 'Now' : null}
          />
        ) : (
          <Empty title="The file is not there now." />
        ))}
    </>
  )
}

interface AgainstProps {
  then: Excerpt
  now: Excerpt
  language: string | null
}

/** What was cited against what stands there now; one after the other where little is the same. */
function Against({ then, now, language }: AgainstProps) {
  const box = useRef<HTMLDivElement>(null)
  const lines = useMemo(() => changesOf(then, now), [then, now])
  useScrolled(box, lines)
  if (lines)
    return (
      <div className={style.code} ref={box}>
        <Changes lines={lines} language={language} />
        {(then.cut || now.cut) && <p className={style.verdict}>Only the beginning is compared.</p>}
      </div>
    )
  return (
    <>
      <p className={style.verdict}>Too much is different to be compared line by line.</p>
      <One excerpt={then} language={language} mark="gone" title="As recorded" />
      <One excerpt={now} language={language} mark="new" title="Now" />
    </>
  )
}

/** Brings what is cited into sight. */
function useScrolled(box: React.RefObject<HTMLDivElement | null>, shown: unknown): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is scrolled to what it cites
  useEffect(() => {
    const cited = box.current?.querySelector<HTMLElement>('[data-cited]')
    const scroller = box.current?.querySelector('pre')
    if (cited && scroller)
      scroller.scrollTop = Math.max(0, cited.offsetTop - scroller.offsetTop - 72)
  }, [shown])
}

interface OneProps {
  excerpt: Excerpt
  language: string | null
  mark: 'cited' | 'gone' | 'new'
  title: string | null
}

function One({ excerpt, language, mark, title }: OneProps) {
  const box = useRef<HTMLDivElement>(null)
  useScrolled(box, excerpt)
  return (
    <div className={style.code} ref={box}>
      {title && <h3 className="lbl">{title}</h3>}
      <Code
        text={excerpt.text}
        language={language}
        first={excerpt.first_line}
        cited={excerpt.cited}
        mark={mark}
      />
    </div>
  )
}
