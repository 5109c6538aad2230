import { memo, useMemo } from 'react'
import { Tokens } from './Code'
import type { ChangedLine } from './changes'
import { highlightedLines } from './highlight'
import style from './text.module.css'

interface Props {
  lines: readonly ChangedLine[]
  language: string | null
}

const SIGNS = { same: ' ', gone: '−', new: '+' } as const
const WORDS = { same: '', gone: 'was', new: 'is now' } as const

/** What was cited and what stands there now, in one text: out, in, and the words that differ. */
export const Changes = memo(function Changes({ lines, language }: Props) {
  const same = useMemo(() => {
    const text = lines.filter(({ kind }) => kind === 'same').map(({ parts }) => parts[0].text)
    return highlightedLines(text.join('\n'), language)
  }, [lines, language])
  let n = 0
  return (
    <pre className={style.code} tabIndex={0}>
      {lines.map(({ kind, line, parts, isCited }, at) => (
        <div
          key={at}
          className={kind === 'same' ? (isCited ? style.cited : undefined) : style[kind]}
          data-cited={isCited || undefined}
        >
          <span className={style.lineNumber}>{line}</span>
          <span className={style.sign} aria-hidden="true">
            {SIGNS[kind]}
          </span>
          {kind === 'same' ? (
            <Tokens tokens={same[n++]} />
          ) : (
            <>
              <span className="sr">{WORDS[kind]} </span>
              {parts.map((part, m) =>
                part.isChanged && parts.length > 1 ? (
                  <Word key={m} kind={kind} text={part.text} />
                ) : (
                  part.text
                ),
              )}
              {parts.every(({ text }) => text === '') && '\n'}
            </>
          )}
        </div>
      ))}
    </pre>
  )
})

function Word({ kind, text }: { kind: 'gone' | 'new'; text: string }) {
  const Tag = kind === 'gone' ? 'del' : 'ins'
  return <Tag>{text}</Tag>
}
