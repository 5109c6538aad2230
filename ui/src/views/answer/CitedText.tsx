import type { Citation } from '../../live/shapes.gen'
import { Glyph } from '../../parts/Glyph'
import style from './CitedText.module.css'
import type { AnswerPart } from './citations'
import { CITATION_GLYPHS } from './states'

interface Props {
  parts: readonly AnswerPart[]
  citations: readonly Citation[]
  chosen: number | undefined
  onPick: (cite: number) => void
}

/** An answer whose citations can be opened. One that holds is only its number. */
export function CitedText({ parts, citations, chosen, onPick }: Props) {
  return (
    <div className={style.text}>
      {parts.map((part, n) => {
        if (part.kind === 'text') return <Words key={n} text={part.text} />
        if (part.kind === 'none')
          return (
            <span key={n} className={style.none} title={part.text}>
              <Glyph name="idle" size={10} /> no evidence
            </span>
          )
        return part.numbers.map((number) => (
          <Mark
            key={`${n} ${number}`}
            number={number}
            citation={citations[number - 1]}
            isChosen={chosen === number}
            onPick={onPick}
          />
        ))
      })}
    </div>
  )
}

/** Bold and code as Markdown has them; everything else as it stands. */
function Words({ text }: { text: string }) {
  return text.split(/(\*\*[^*\n]+\*\*|`[^`\n]+`)/).map((piece, n) => {
    if (n % 2 === 1 && piece.startsWith('**')) return <b key={n}>{piece.slice(2, -2)}</b>
    if (n % 2 === 1) return <code key={n}>{piece.slice(1, -1)}</code>
    return piece
  })
}

interface MarkProps {
  number: number
  citation: Citation | undefined
  isChosen: boolean
  onPick: (cite: number) => void
}

function Mark({ number, citation, isChosen, onPick }: MarkProps) {
  const state = citation?.state ?? 'missing'
  return (
    <button
      type="button"
      className={`${style.mark} ${style[state]}`}
      aria-pressed={isChosen}
      aria-label={`Citation ${number}, ${state}`}
      title={
        citation
          ? `${citation.span.path}:${citation.span.start_line}-${citation.span.end_line}, ${state}`
          : state
      }
      onClick={() => onPick(number)}
    >
      {number}
      {state !== 'verified' && <Glyph name={CITATION_GLYPHS[state]} size={10} />}
    </button>
  )
}
