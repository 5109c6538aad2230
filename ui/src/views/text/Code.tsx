import { memo } from 'react'
import { highlightedLines, type Token } from './highlight'
import style from './text.module.css'

interface Props {
  text: string
  language: string | null
  /** The number of the first line; none: lines are not numbered. */
  first?: number | undefined
  /** Lines that are cited, first and last. */
  cited?: readonly [number, number] | null
  mark?: 'cited' | 'gone' | 'new'
}

/** Source as it stands, with what is cited marked. */
export const Code = memo(function Code({ text, language, first, cited, mark = 'cited' }: Props) {
  const lines = highlightedLines(text.endsWith('\n') ? text.slice(0, -1) : text, language)
  return (
    <pre className={style.code} tabIndex={0}>
      {lines.map((tokens, n) => {
        const line = (first ?? 1) + n
        const isCited = cited && line >= cited[0] && line <= cited[1]
        return (
          <div
            key={line}
            className={isCited ? style[mark] : undefined}
            data-cited={isCited || undefined}
          >
            {first !== undefined && <span className={style.lineNumber}>{line}</span>}
            <Tokens tokens={tokens} />
          </div>
        )
      })}
    </pre>
  )
})

export function Tokens({ tokens }: { tokens: readonly Token[] }) {
  if (tokens.length === 0) return <span>{'\n'}</span>
  return tokens.map((token, n) =>
    token.kind === 'plain' ? (
      token.text
    ) : (
      <span key={n} className={style[token.kind]}>
        {token.text}
      </span>
    ),
  )
}
