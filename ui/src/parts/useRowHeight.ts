import { usePreferences } from './preferences'
import { usePhone } from './useMedia'

const MORE_PX = { compact: -2, normal: 0, roomy: 6 }

/** Height of a row at the density that the person chose; as high as a thumb on a phone. */
export function useRowHeight(normal_px: number, phone_px = 44): number {
  const density = usePreferences((preferences) => preferences.density)
  const isPhone = usePhone()
  return isPhone ? phone_px : normal_px + MORE_PX[density]
}
