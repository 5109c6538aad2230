import type { Citation } from '../../live/shapes.gen'
import type { GlyphName } from '../../parts/Glyph'

export const CITATION_GLYPHS: Record<Citation['state'], GlyphName> = {
  verified: 'ok',
  moved: 'moved',
  changed: 'changed',
  missing: 'missing',
}

/** Where the cited bytes went. */
export const placeIn = (citation: Citation): string =>
  citation.moved_to ? ` → ${citation.moved_to[0]}-${citation.moved_to[1]}` : ''
