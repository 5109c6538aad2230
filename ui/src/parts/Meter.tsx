import style from './Meter.module.css'

export interface MeterPart {
  share: number
  kind: 'done' | 'flight' | 'spent' | 'reserved' | 'cut' | 'slow' | 'fail'
}

interface Props {
  parts: readonly MeterPart[]
  /** A threshold, as a share of one. */
  mark?: number | null
  label: string
}

/** Shares of a whole, one after the other. */
export function Meter({ parts, mark, label }: Props) {
  let left = 0
  return (
    <span className={style.meter} role="img" aria-label={label}>
      {parts.map((part) => {
        const at = left
        left += part.share
        return (
          <i
            key={part.kind}
            className={style[part.kind]}
            style={{ left: `${clamp(at) * 100}%`, width: `${(clamp(left) - clamp(at)) * 100}%` }}
          />
        )
      })}
      {mark != null && <u style={{ left: `${clamp(mark) * 100}%` }} />}
    </span>
  )
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share))
