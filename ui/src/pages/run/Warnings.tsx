import type { RunWhole } from '../../live/shapes.gen'
import { Glyph, type GlyphName } from '../../parts/Glyph'
import { whole as said } from '../../parts/numbers'
import type { Picture } from '../../trace/picture'
import { inferred, parentsInferred } from '../../trace/totals'
import style from './RunPage.module.css'

/** What is not known of a run, or not as it should be. Nothing, where all is well. */
export function Warnings({ whole, picture }: { whole: RunWhole; picture: Picture }) {
  const found = warningsOf(whole, inferred(picture), parentsInferred(picture))
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

function warningsOf(whole: RunWhole, guessed: number, hung: number): [GlyphName, string][] {
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
    ['torn', many(damaged, 'damaged line'), damaged > 0],
    ['torn', `${many(run.lost, 'event')} lost: the disk did not take them`, run.lost > 0],
    ['unknown', `Cost of ${many(run.unknown_cost, 'attempt')} unknown`, run.unknown_cost > 0],
    ['unknown', `Usage of ${many(run.unknown_usage, 'attempt')} unknown`, run.unknown_usage > 0],
    [
      'unknown',
      `Usage of ${many(run.estimated_usage, 'attempt')} estimated`,
      run.estimated_usage > 0,
    ],
    ['unknown', `Times of ${many(guessed, 'call')} inferred: drawn with frayed ends`, guessed > 0],
    ['unknown', `Parents of ${many(hung, 'call')} inferred: marked ≈ in the tree`, hung > 0],
    [
      'unknown',
      `${many(run.foreign, 'event')} of a later version, kept and not read`,
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

const many = (n: number, one: string): string => `${said(n)} ${one}${n === 1 ? '' : 's'}`
