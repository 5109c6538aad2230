import { childOf, type Drawn, isAttempt, isChild, kindOf, nodeOf } from './bars'

const MOST_CHARACTERS = 60

/** What a bar is called, in the list of what is drawn. */
export function barName({ picture, children }: Drawn, bar: number): string {
  const { things, attempts, queries, nodes } = picture
  if (isChild(bar)) return children[childOf(bar)].name
  const thing = isAttempt(bar) ? queries.thing[attempts.query[bar]] : nodes.thing[nodeOf(bar)]
  return things.id[thing] ?? ''
}

/** What is written on the bar of a node or of a child run. */
export function barLabel(drawn: Drawn, bar: number): string {
  const kind = kindOf(drawn.picture, bar)
  const { nodes } = drawn.picture
  const row = nodeOf(bar)
  if (kind === 'turn') return `turn ${nodes.n[row]}`
  if (kind === 'cell') return firstLine(nodes.input[row]) || barName(drawn, bar)
  if ((kind === 'tool' || kind === 'rlm') && nodes.label[row]) return nodes.label[row]
  // Two clocks were compared to place it: about here.
  const isAbout = isChild(bar) && drawn.children[childOf(bar)].clocks !== null
  return `${isAbout ? '≈ ' : ''}${barName(drawn, bar)}`
}

const firstLine = (text: string | null): string =>
  (text ?? '').trimStart().split('\n', 1)[0].slice(0, MOST_CHARACTERS)
