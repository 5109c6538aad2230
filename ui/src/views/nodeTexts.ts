import type { Ref } from '../trace/columns'
import type { Picture } from '../trace/picture'
import { CELL, RLM, TOOL } from '../trace/picture.gen'

/** A text of a node: what the trace has of it, and where the whole is. */
export interface NodeTexts {
  title: string
  preview: string | null
  payload: Ref | null
  language: string | null
}

const TITLES: Record<number, [goesIn: string, comesOut: string]> = {
  [CELL]: ['Code', 'Output'],
  [RLM]: ['Query', 'Answer'],
  [TOOL]: ['Arguments', 'Result'],
}

/** What went into a child RLM, cell or tool and what came out; what was not said is left out. */
export function textsOf({ nodes }: Picture, row: number): NodeTexts[] {
  const kind = nodes.kind[row]
  const titles = TITLES[kind]
  if (!titles) return []
  const texts: NodeTexts[] = [
    {
      title: titles[0],
      preview: nodes.input[row],
      payload: nodes.input_ref[row],
      language: kind === CELL ? 'python' : null,
    },
    {
      title: titles[1],
      preview: nodes.output[row],
      payload: nodes.output_ref[row],
      language: null,
    },
    { title: 'Errors', preview: nodes.stderr[row], payload: nodes.stderr_ref[row], language: null },
  ]
  return texts.filter(({ preview, payload }) => preview || payload)
}
