import type { RunItem } from '../live/shapes.gen'
import { Glyph, type GlyphName } from '../parts/Glyph'

const GLYPHS: Record<RunItem['status'], GlyphName> = {
  queued: 'queued',
  running: 'run',
  completed: 'ok',
  failed: 'fail',
  cancelled: 'idle',
  interrupted: 'interrupted',
}

interface Props {
  status: RunItem['status']
  presumed?: boolean
}

/** How a run stands. */
export function StatusGlyph({ status, presumed = false }: Props) {
  return (
    <Glyph
      name={GLYPHS[status]}
      label={presumed ? `presumed ${status}: its heartbeat is old` : status}
    />
  )
}
