import { Frame } from '../../parts/Frame'
import { steady, whole } from '../../parts/numbers'
import type { Picture } from '../../trace/picture'
import { standing } from '../../trace/scores'
import { withoutCodes } from '../../trace/terminal'
import { scorerOf } from '../../views/judgements'
import style from './ListTab.module.css'
import { useRunSearch } from './useRunSearch'

const MOST = 200

/** How a run and its sub-queries were scored, by programs; nothing where they were not. */
export function Scores({ picture }: { picture: Picture }) {
  const [, change] = useRunSearch()
  const { scores, things } = picture
  const rows = standing(picture)
  if (rows.length === 0) return null
  return (
    <Frame
      title="Scores"
      note={rows.length > MOST ? `the last ${MOST} of ${whole(rows.length)}` : whole(rows.length)}
    >
      <ul className={`${style.list} ${style.scores}`}>
        {rows
          .slice(-MOST)
          .reverse()
          .map((row) => {
            const id = scores.thing[row] < 0 ? null : things.id[scores.thing[row]]
            return (
              <li key={row}>
                <span className="ell">{withoutCodes(scores.name[row] ?? '')}</span>
                <span className="num">{steady(scores.value[row])}</span>
                <span className="c-3 ell">{withoutCodes(by(picture, row))}</span>
                {id === null ? (
                  <span className="c-3">the run</span>
                ) : (
                  <button
                    type="button"
                    className="lnk ell"
                    onClick={() => change({ sel: id, tab: undefined })}
                  >
                    {id}
                  </button>
                )}
              </li>
            )
          })}
      </ul>
    </Frame>
  )
}

const by = ({ scores }: Picture, row: number): string =>
  scorerOf({
    scorer: scores.scorer[row] ?? '',
    scorer_version: scores.scorer_version[row],
    task_id: scores.task_id[row],
    by: scores.by[row],
  })
