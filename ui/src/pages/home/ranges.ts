/** How far back the home page looks, and in which steps. */
export const RANGES = [
  { value: '24h', label: '24 h', bucket: 'hour' },
  { value: '14d', label: '14 d', bucket: 'day' },
  { value: '90d', label: '90 d', bucket: 'day' },
] as const
