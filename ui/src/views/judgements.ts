import type { Line, Statement } from '../live/shapes.gen'
import { steady, whole } from '../parts/numbers'
import type {
  Score,
  VerifyAttestation,
  VerifyCitations,
  VerifyObjective,
  VerifyRedundant,
} from '../trace/events.gen'

/** What somebody or something thinks of a sub-query. */
export interface Judgement {
  /** What was looked at: the name of a score, the kind of a check. */
  of: string
  /** Null where it neither passed nor failed: a score, a comment. */
  passed: boolean | null
  words: string
  by: string
}

type Judging = Score | VerifyObjective | VerifyRedundant | VerifyAttestation | VerifyCitations

/** Of each judge the last word, then what people said, in the order that it was said. */
export function judgementsIn(
  lines: readonly Line[],
  statements: readonly Statement[],
): Judgement[] {
  const last = new Map<string, Judgement>()
  const told = new Set<string>()
  for (const { event, timestamp_ms } of lines) {
    const said = judged(event as Judging | undefined)
    if (said === null) continue
    const judge = JSON.stringify([said.of, said.by])
    const telling = `${judge} ${timestamp_ms}`
    if (!told.has(telling)) last.set(judge, said) // a line told again is no new word
    told.add(telling)
  }
  return [...last.values(), ...statements.flatMap(spoken)]
}

function judged(event: Judging | undefined): Judgement | null {
  switch (event?.type) {
    case 'Score':
      return { of: event.name, passed: null, words: steady(event.value), by: scorerOf(event) }
    case 'VerifyObjective':
      return checked(event.check_type, event.passed, event.detail ?? '')
    case 'VerifyRedundant':
      return checked('agreement', event.passed, `${event.n_of_m.join(' of ')} agree`)
    case 'VerifyAttestation':
      return checked('signature', event.passed, event.pubkey)
    case 'VerifyCitations':
      return checked(
        'citations',
        event.passed,
        `${whole(event.checked)} checked, ${whole(event.missing)} missing`,
      )
    default:
      return null
  }
}

const checked = (of: string, passed: boolean, words: string): Judgement => ({
  of,
  passed,
  words: words || (passed ? 'passed' : 'failed'),
  by: '',
})

/** Who scored, in which version, as part of which task, for whom. */
export const scorerOf = (score: {
  scorer: string
  scorer_version?: string | null | undefined
  task_id?: string | null | undefined
  by?: string | null | undefined
}): string =>
  [
    [score.scorer, score.scorer_version].filter(Boolean).join(' '),
    score.task_id && `task ${score.task_id}`,
    score.by && score.by !== score.scorer && `by ${score.by}`,
  ]
    .filter(Boolean)
    .join(', ')

function spoken({ field, value, by }: Statement): Judgement[] {
  if (field === 'comment') {
    const text = typeof value === 'string' ? value : (value as { text?: unknown } | null)?.text
    return text == null ? [] : [{ of: 'comment', passed: null, words: String(text), by: by ?? '' }]
  }
  if (field !== 'score') return []
  const { name, value: number } = (value ?? {}) as { name?: string; value?: number }
  if (name === undefined || number === undefined) return []
  return [{ of: name, passed: null, words: steady(number), by: by ?? '' }]
}
