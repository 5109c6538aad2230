/** What of the leaderboard stands in its address. */
export interface ProvidersSearch {
  window?: string
  model?: string
  venue?: string
  sort?: string
  sel?: string
}

export function providersSearch(search: Record<string, unknown>): ProvidersSearch {
  const said: ProvidersSearch = {}
  for (const name of ['window', 'model', 'venue', 'sort', 'sel'] as const) {
    const value = search[name]
    if (value !== undefined && value !== null && value !== '') said[name] = String(value)
  }
  return said
}
