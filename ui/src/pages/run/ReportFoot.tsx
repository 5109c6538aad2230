import { useState } from 'react'
import type { RunWhole } from '../../live/shapes.gen'
import { Footnote } from '../../parts/Footnote'
import { rateSaid } from '../../parts/money'
import { whole as said } from '../../parts/numbers'
import { useRate } from '../../parts/preferences'
import { inFull } from '../../parts/times'

/** By what the report can be made again: which run, up to which line, of which code, and when. */
export function ReportFoot({ whole, seq }: { whole: RunWhole; seq: number }) {
  const { run } = whole
  const [made_ms] = useState(() => Date.now())
  const { rate } = useRate()
  const facts: [string, string | null][] = [
    ['Run', run.id],
    ['Lines of the trace', said(seq)],
    ['Git', gitOf(run)],
    ['Begun', run.created_at_ms ? inFull(run.created_at_ms) : null],
    ['Machine', run.host],
    ['Rate', rate && rateSaid(rate)],
    ['Report made', inFull(made_ms)],
    ['rlmboard', whole.rlmboard],
  ]
  return <Footnote facts={facts} />
}

function gitOf({ git_sha, git_branch, git_dirty }: RunWhole['run']): string | null {
  if (!git_sha) return null
  const branch = git_branch ? ` on ${git_branch}` : ''
  return `${git_sha}${branch}${git_dirty ? ', with changes not committed' : ''}`
}
