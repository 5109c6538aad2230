import type { ReactNode } from 'react'

/** A state by shape; colour only repeats it. */
export type GlyphName =
  | 'ok'
  | 'run'
  | 'slow'
  | 'fail'
  | 'verify'
  | 'idle'
  | 'interrupted'
  | 'queued'
  | 'moved'
  | 'changed'
  | 'missing'
  | 'torn'
  | 'unknown'

const PATHS: Record<GlyphName, ReactNode> = {
  ok: <path d="M2 6.4 4.800 9 10 3.200" />,
  run: <path d="M6 1.500a4.500 4.500 0 1 1-4.500 4.500" />,
  slow: (
    <>
      <circle cx="6" cy="6.400" r="4.300" />
      <path d="M6 4v2.600l1.600 1M4.600 1h2.800" />
    </>
  ),
  fail: <path d="m2.500 2.500 7 7m0-7-7 7" />,
  verify: (
    <>
      <path d="M6 1 10.500 2.800v3c0 2.600-1.900 4.300-4.500 5.200C3.400 10.100 1.500 8.400 1.500 5.800v-3z" />
      <path d="m4 6 1.500 1.500L8.200 4.700" />
    </>
  ),
  idle: <path d="M2.500 6h7" />,
  interrupted: <path d="M.8 6h3M8.200 6h3M7.300 2.300 4.700 9.700" />,
  queued: <circle cx="6" cy="6" r="4.300" />,
  moved: <path d="M1.800 3v3.400h8M7 3.600l2.800 2.800L7 9.200" />,
  changed: <path d="M6 1.900 10.800 10.200H1.200z" />,
  missing: <circle cx="6" cy="6" r="4.300" strokeDasharray="2.200 2.300" />,
  torn: <path d="M2.500 1.500h7v9L7.750 8.800 6 10.500 4.250 8.800 2.500 10.500zM4.500 4.200h3" />,
  unknown: (
    <path d="M4.200 4.300a1.900 1.900 0 1 1 2.700 1.700c-.6.300-.9.700-.9 1.400M6 9.600v.1" />
  ),
}

const COLOURS: Record<GlyphName, string> = {
  ok: 'c-ok',
  run: 'c-run',
  slow: 'c-slow',
  fail: 'c-fail',
  verify: 'c-verify',
  idle: 'c-idle',
  interrupted: 'c-slow',
  queued: 'c-idle',
  moved: 'c-2',
  changed: 'c-slow',
  missing: 'c-fail',
  torn: 'c-slow',
  unknown: 'c-3',
}

interface Props {
  name: GlyphName
  /** Said to a screen reader, and shown as a tooltip. */
  label?: string
  size?: number
  /** Takes the colour of its surroundings. */
  plain?: boolean
}

export function Glyph({ name, label, size = 12, plain = false }: Props) {
  return (
    <span
      className={plain ? undefined : COLOURS[name]}
      title={label}
      style={{ display: 'inline-flex' }}
    >
      <svg
        width={size}
        height={size}
        viewBox="0 0 12 12"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {PATHS[name]}
      </svg>
      {label && <span className="sr">{label}</span>}
    </span>
  )
}
