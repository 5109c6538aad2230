/** How a fan-out looks, before there is one: a drawing, not data. */
export function Ghost() {
  return (
    <svg
      viewBox="0 0 322 146"
      role="img"
      aria-label="A fan-out: many bars in rows by provider, some still in flight, one timed out, one failed"
    >
      <defs>
        <pattern
          id="ghost-hatch"
          width="4"
          height="4"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="2" height="4" fill="var(--slow)" />
        </pattern>
      </defs>
      <rect width="322" height="146" fill="var(--inset)" rx="3" />
      {[0, 1, 2].map((group) => (
        <Group key={group} group={group} />
      ))}
      <rect x="300" width="1" height="146" fill="var(--accent)" />
    </svg>
  )
}

const WIDTHS = [31, 24, 42, 19, 36, 28, 47, 22, 33, 40, 26, 38]

function Group({ group }: { group: number }) {
  const top = 10 + group * 45
  return (
    <>
      <text
        x="10"
        y={top + 12}
        fontSize="11"
        fontFamily="var(--m)"
        fill="var(--text-2)"
      >{`provider-${'abc'[group]}`}</text>
      {[0, 1, 2, 3].flatMap((lane) =>
        bars(group, lane).map((bar) => (
          <Bar key={`${lane} ${bar.x}`} {...bar} y={top + lane * 9} />
        )),
      )}
      {group < 2 && <rect y={top + 38} width="322" height="1" fill="var(--line)" />}
    </>
  )
}

interface BarShape {
  x: number
  w: number
  kind: 'ok' | 'deep' | 'run' | 'slow' | 'fail'
}

function bars(group: number, lane: number): BarShape[] {
  const made: BarShape[] = []
  let x = 86 + ((lane * 5 + group * 3) % 9)
  for (let n = 0; x < 296; n += 1) {
    const w = WIDTHS[(group * 5 + lane * 7 + n * 3) % WIDTHS.length] ?? 30
    if (x + w > 286) {
      made.push({ x, w: 300 - x, kind: 'run' })
      break
    }
    const kind =
      group === 2 && lane === 1 && n === 2
        ? 'slow'
        : group === 1 && lane === 2 && n === 3
          ? 'fail'
          : (n + lane + group) % 3 === 0
            ? 'deep'
            : 'ok'
    made.push({ x, w, kind })
    x += w + 4
  }
  return made
}

function Bar({ x, y, w, kind }: BarShape & { y: number }) {
  if (kind === 'fail') return <path d={`M${x} ${y}h${w}l-4 3 4 3h-${w}z`} fill="var(--fail)" />
  if (kind === 'slow')
    return (
      <rect
        x={x}
        y={y}
        width={w}
        height="6"
        fill="url(#ghost-hatch)"
        stroke="var(--slow)"
        strokeWidth="0.8"
      />
    )
  if (kind === 'run') {
    return (
      <>
        <rect x={x} y={y} width={w} height="6" fill="var(--run)" opacity="0.55" />
        <rect x={298} y={y} width="2" height="6" fill="var(--run)" />
      </>
    )
  }
  return (
    <rect
      x={x}
      y={y}
      width={w}
      height="6"
      rx="0.5"
      fill={kind === 'deep' ? 'var(--ok)' : 'var(--ok-1)'}
    />
  )
}
