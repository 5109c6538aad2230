import { Search } from 'lucide-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { exported } from '../../live/exported'
import type { Text } from '../../live/shapes.gen'
import { CopyButton } from '../../parts/CopyButton'
import { bytes, spoken } from '../../parts/numbers'
import { Segmented } from '../../parts/Segmented'
import { withoutCodes } from '../../trace/terminal'
import { Code } from './Code'
import { guessed, indented } from './highlight'
import style from './text.module.css'

const MarkdownText = lazy(() =>
  import('./Markdown').then((file) => ({ default: file.MarkdownText })),
)

type Manner = 'markdown' | 'json' | 'code'
const MANNERS = [
  { value: 'markdown', label: 'Markdown' },
  { value: 'json', label: 'JSON' },
  { value: 'code', label: 'Text' },
] as const
const MOST_SHOWN = 400_000

interface Props {
  text: Text
  /** What it is, in the header: Prompt, Answer. */
  children?: React.ReactNode
  /** Of code: it is shown so, and in no other manner. */
  language?: string | undefined
  onWhole?: (() => void) | undefined
}

/** A text to be read: in the manner that fits it, searched, copied. */
export function Reader({ text, children, language, onWhole }: Props) {
  const plain = useMemo(() => withoutCodes(text.text), [text.text])
  const [manner, setManner] = useState<Manner>()
  const [sought, setSought] = useState<string | null>(null)
  const chosen = manner ?? guessed(plain.slice(0, 20_000))
  const shown = plain.length > MOST_SHOWN ? plain.slice(0, MOST_SHOWN) : plain
  return (
    <div className={style.reader}>
      <div className={style.tools}>
        {children}
        {!language && (
          <Segmented label="Shown as" value={chosen} options={MANNERS} onChange={setManner} />
        )}
        <button
          type="button"
          className={style.tool}
          aria-label="Search in this text"
          aria-pressed={sought !== null}
          onClick={() => setSought((was) => (was === null ? '' : null))}
        >
          <Search size={14} />
        </button>
        <CopyButton text={plain} label="Copy the text" />
      </div>
      {sought !== null && (
        <input
          className={style.seek}
          aria-label="Search for"
          autoFocus
          value={sought}
          onChange={(event) => setSought(event.target.value)}
          placeholder="Search in this text"
        />
      )}
      <State text={text} isLong={plain.length > MOST_SHOWN} onWhole={onWhole} />
      {sought ? (
        <Found text={shown} sought={sought} />
      ) : (
        <Shown text={shown} manner={chosen} language={language} />
      )}
    </div>
  )
}

interface ShownProps {
  text: string
  manner: Manner
  language: string | undefined
}

function Shown({ text, manner, language }: ShownProps) {
  if (text === '') return <p className={style.said}>Empty</p>
  if (language) return <Code text={text} language={language} first={1} />
  if (manner === 'json') return <Code text={indented(text)} language="json" />
  if (manner === 'code')
    return (
      <pre className={style.plain} dir="auto">
        {text}
      </pre>
    )
  return (
    <Suspense fallback={<pre className={style.plain}>{text}</pre>}>
      <MarkdownText text={text} />
    </Suspense>
  )
}

function Found({ text, sought }: { text: string; sought: string }) {
  const parts = useMemo(() => parted(text, sought), [text, sought])
  return (
    <>
      <p className={style.said} role="status">
        {parts.length >> 1} found
      </p>
      <pre className={style.plain} dir="auto">
        {parts.map((part, n) => (n % 2 ? <mark key={n}>{part}</mark> : part))}
      </pre>
    </>
  )
}

/** The text at odd places is what was sought. */
export function parted(text: string, sought: string): string[] {
  const low = text.toLowerCase()
  const wanted = sought.toLowerCase()
  const parts: string[] = []
  let last = 0
  for (
    let at = low.indexOf(wanted);
    at >= 0 && parts.length < 4000;
    at = low.indexOf(wanted, last)
  ) {
    parts.push(text.slice(last, at), text.slice(at, at + wanted.length))
    last = at + wanted.length
  }
  parts.push(text.slice(last))
  return parts
}

const STATES: Record<Text['state'], string | null> = {
  whole: null,
  preview:
    exported?.payloads === false
      ? 'A preview: whole texts were left out of this export.'
      : 'A preview: the whole text is not here.',
  cut: 'The beginning of a long text.',
  removed: 'The whole text was removed; this is its preview.',
  lost: 'The whole text is not where the trace says; this is its preview.',
}

function State({
  text,
  isLong,
  onWhole,
}: {
  text: Text
  isLong: boolean
  onWhole: (() => void) | undefined
}) {
  const said =
    STATES[text.state] ?? (isLong ? 'Shown up to 400 kB; copying takes all of it.' : null)
  if (!said) return null
  return (
    <p className={style.said}>
      {said} {text.bytes !== null && spoken(bytes(text.bytes))}{' '}
      {text.state === 'cut' && onWhole && (
        <button type="button" className="lnk" onClick={onWhole}>
          Load the rest
        </button>
      )}
    </p>
  )
}
