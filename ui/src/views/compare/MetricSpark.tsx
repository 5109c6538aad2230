import type { MetricCurve } from '../../live/shapes.gen'
import { whole } from '../../parts/numbers'
import { SparkLine } from '../../parts/Spark'
import { spokenColumn } from './sayings'

export const SPARK_PX = 44

/** How a metric went over its values; words for those who do not see the line. */
export function MetricSpark({ name, curve }: { name: string; curve: MetricCurve }) {
  return (
    <SparkLine values={curve.points} width={SPARK_PX} height={16} label={wordsOf(name, curve)} />
  )
}

/** From which value to which it went, and between which. */
export function wordsOf(name: string, { count, points }: MetricCurve): string {
  const known = points.filter((point): point is number => point !== null)
  if (known.length === 0) return `${name}: ${whole(count)} values, none a number`
  const say = (value: number) => spokenColumn(name, value)
  const ends = `from ${say(known[0])} to ${say(known[known.length - 1])}`
  const range = `between ${say(Math.min(...known))} and ${say(Math.max(...known))}`
  return `${name} over ${whole(count)} values: ${ends}, ${range}`
}
