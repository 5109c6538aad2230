import type { RunWhole } from '../../live/shapes.gen'
import { Glyph, type GlyphName } from '../../parts/Glyph'
import { whole as said } from '../../parts/numbers'
import type { Picture } from '../../trace/picture'
import { inferred } from '../../trace/totals'
import style from './RunPage.module.css'

/** What is not known of a run, or not as it should be. Nothing, where all is well. */
export function Warnings({ whole, picture }: { whole: RunWhole; picture: Picture }) {
  const found = warningsOf(whole, inferred(picture))
  if (found.length === 0) return null
  return (
    <ul className={style.warnings} aria-label="What to know of this record">
      {found.map(([glyph, words]) => (
        <li key={words}>
          <Glyph name={glyph} />
          {words}
        </li>
      ))}
    </ul>
  )
}

function warningsOf(whole: RunWhole, guessed: number): [GlyphName, string][] {
  const { run } = whole
  const damaged = Object.entries(run.holes).reduce(
    (sum, [why, n]) => sum + (why === 'blank' ? 0 : n),
    0,
  )
  const found: [GlyphName, string, boolean][] = [
    [
      'fail',
      `${run.error_type}${run.error_message ? `: ${run.error_message}` : ''}`,
      run.error_type !== null,
    ],
    [
      'interrupted',
      run.presumed
        ? 'Presumed interrupted: its last heartbeat, on another machine, is old'
        : 'Interrupted: its process ended without a word',
      run.status === 'interrupted',
    ],
    [
      'idle',
      `Ended by ${run.end_reason}`,
      run.end_reason !== null &&
        run.end_reason !== 'answer' &&
        run.error_type === null &&
        run.status !== 'running',
    ],
    ['changed', 'The answer is partial', run.partial],
    ['torn', `${said(damaged)} damaged ${damaged === 1 ? 'line' : 'lines'}`, damaged > 0],
    ['torn', `${said(run.lost)} events lost: the disk did not take them`, run.lost > 0],
    ['unknown', `Cost of ${said(run.unknown_cost)} attempts unknown`, run.unknown_cost > 0],
    ['unknown', `Usage of ${said(run.unknown_usage)} attempts unknown`, run.unknown_usage > 0],
    [
      'unknown',
      `Usage of ${said(run.estimated_usage)} attempts estimated`,
      run.estimated_usage > 0,
    ],
    ['unknown', `Times of ${said(guessed)} calls inferred: drawn with frayed ends`, guessed > 0],
    [
      'unknown',
      `${said(run.foreign)} events of a later version, kept and not read`,
      run.foreign > 0,
    ],
    ['unknown', 'Simulated: no model was asked', run.simulated],
    [
      'unknown',
      `Prompts and answers kept as ${whole.payloads === 'none' ? 'nothing' : 'previews only'}`,
      whole.payloads !== 'full',
    ],
    ['unknown', 'Prompts and answers were removed', whole.pruned_at !== null],
  ]
  return found.filter(([, , holds]) => holds).map(([glyph, words]) => [glyph, words])
}
