import { useState } from 'react'
import type { Params } from '../../live/api'
import type { ComparedRun, Comparison } from '../../live/shapes.gen'
import { Footnote } from '../../parts/Footnote'
import { rateSaid } from '../../parts/money'
import { whole } from '../../parts/numbers'
import { useRate } from '../../parts/preferences'
import { inFull } from '../../parts/times'
import { isConverted } from '../../views/compare/inCurrency'

interface Props {
  made: Comparison
  ask: Params
}

/** Of a comparison on paper: which runs it is of, where its figures come from, and what they lack. */
export function ComparedFoot({ made, ask }: Props) {
  const [made_ms] = useState(() => Date.now())
  const { rate } = useRate()
  const filter = typeof ask.filter === 'string' ? ask.filter : null
  const isAbout = made.columns.some((column) => isConverted(column))
  return (
    <Footnote
      facts={[
        ['Runs', runsOf(made)],
        ['Chosen by', filter ?? 'hand'],
        ['Begun', begunOf(made.runs)],
        [
          'Figures',
          'settings as each run was started with; metrics as last logged, or as a person said; ' +
            'times, counts, tokens and costs added up from its trace',
        ],
        ['Best', 'the highest or lowest of the column, as its arrow points; not a test'],
        ['Estimated', several(made.runs, (run) => run.estimated_usage > 0, 'the tokens')],
        ['Not known in full', lackingOf(made.runs)],
        ['Simulated', several(made.runs, (run) => run.simulated, 'the answers')],
        ['Converted, marked ≈', isAbout && rate ? `at ${rateSaid(rate)}` : null],
        ['Report made', inFull(made_ms)],
      ]}
    />
  )
}

function runsOf({ runs, count, cut }: Comparison): string {
  return cut ? `the newest ${whole(runs.length)} of ${whole(count)} that fit` : whole(runs.length)
}

function begunOf(runs: readonly ComparedRun[]): string | null {
  const times = runs.map((run) => run.created_at_ms).filter((ms) => ms > 0)
  if (times.length === 0) return null
  const [first, last] = [inFull(Math.min(...times)), inFull(Math.max(...times))]
  return first === last ? first : `${first} to ${last}`
}

function lackingOf(runs: readonly ComparedRun[]): string | null {
  const parts = [
    several(runs, (run) => run.unknown_cost > 0, 'the cost'),
    several(runs, (run) => run.unknown_usage > 0, 'the tokens'),
  ]
  return parts.filter((part) => part !== null).join(', ') || null
}

function several(
  runs: readonly ComparedRun[],
  holds: (run: ComparedRun) => boolean,
  what: string,
): string | null {
  const count = runs.filter(holds).length
  if (count === 0) return null
  return `${what} of ${whole(count)} ${count === 1 ? 'run' : 'runs'}`
}
