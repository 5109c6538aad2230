import type { SubQueryWhole } from '../live/shapes.gen'
import { Glyph } from '../parts/Glyph'
import { withoutCodes } from '../trace/terminal'
import style from './Judgements.module.css'
import { judgementsIn } from './judgements'

/** Scores, checks and comments of a sub-query; nothing where there are none. */
export function Judgements({ data, isReplay }: { data: SubQueryWhole; isReplay: boolean }) {
  const said = judgementsIn(data.lines, isReplay ? [] : data.statements)
  if (said.length === 0) return null
  return (
    <section>
      <h3 className="lbl">Scores and checks</h3>
      <ul className={style.said}>
        {said.map(({ of, passed, words, by }, n) => (
          <li key={n}>
            {passed === null ? (
              <span />
            ) : (
              <Glyph name={passed ? 'ok' : 'fail'} label={passed ? 'passed' : 'failed'} />
            )}
            <span className="ell">{withoutCodes(of)}</span>
            <span className={style.words}>{withoutCodes(words)}</span>
            <span className="c-3 ell" title={by}>
              {withoutCodes(by)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
