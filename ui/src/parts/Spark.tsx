interface HistogramProps {
  /** Counts of bins of equal width on the axis of the caller. */
  bins: readonly number[]
  /** From this bin on, drawn as slow. */
  slowFrom?: number | undefined
  /** A bin to mark, as the median. */
  mark?: number | undefined
  width?: number
  height?: number
  label: string
}

/** A histogram small enough for a row. */
export function SparkHistogram(props: HistogramProps) {
  const { bins, slowFrom = bins.length, mark, width = 56, height = 16, label } = props
  const highest = Math.max(...bins, 1)
  const step = width / bins.length
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {bins.map((bin, n) => {
        const tall = bin === 0 ? 0 : Math.max(1, Math.round((bin / highest) * (height - 1)))
        const colour = n === mark ? 'var(--text)' : n >= slowFrom ? 'var(--slow)' : 'var(--ok-1)'
        return tall === 0 ? null : (
          <rect
            key={n}
            x={n * step}
            y={height - tall}
            width={Math.max(0.8, step - 0.6)}
            height={tall}
            fill={colour}
          />
        )
      })}
      <rect y={height - 0.5} width={width} height={0.5} fill="var(--line-2)" />
    </svg>
  )
}

interface LineProps {
  /** Null where nothing is known: the line breaks. */
  values: readonly (number | null)[]
  width?: number
  height?: number
  /** Which point gets the dot. */
  dot?: 'last' | 'highest'
  label: string
}

export function SparkLine({ values, width = 56, height = 18, dot = 'last', label }: LineProps) {
  const known = values.filter((value): value is number => value !== null)
  const low = Math.min(...known)
  const high = Math.max(...known)
  const x = (n: number) => 3 + (n * (width - 6)) / Math.max(1, values.length - 1)
  const y = (value: number) => height - 3 - ((value - low) / (high - low || 1)) * (height - 6)
  const marked = dot === 'highest' ? values.indexOf(high) : lastKnown(values)
  const end = values[marked]
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <path d={pathOf(values, x, y)} fill="none" stroke="var(--line-3)" strokeWidth={1.2} />
      {end != null && (
        <circle
          cx={x(marked)}
          cy={y(end)}
          r={2}
          fill={dot === 'highest' ? 'var(--ok)' : 'var(--text-2)'}
        />
      )}
    </svg>
  )
}

function pathOf(
  values: readonly (number | null)[],
  x: (n: number) => number,
  y: (value: number) => number,
): string {
  let path = ''
  let drawing = false
  values.forEach((value, n) => {
    if (value !== null) path += `${drawing ? 'L' : 'M'}${x(n).toFixed(1)} ${y(value).toFixed(1)}`
    drawing = value !== null
  })
  return path
}

function lastKnown(values: readonly (number | null)[]): number {
  for (let n = values.length - 1; n >= 0; n -= 1) if (values[n] !== null) return n
  return -1
}
