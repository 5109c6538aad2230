/** Every address of the board, over a home that has a run of this id, an experiment and a provider. */
export const routesOf = (run: string, query: string, experiment: string, provider: string) => [
  '',
  '/runs',
  '/runs?group=status',
  `/runs/${run}`,
  `/runs/${run}?sel=${encodeURIComponent(query)}`,
  `/runs/${run}?tree=icicle&lane=depth`,
  `/runs/${run}?at=1`,
  ...['answer', 'metrics', 'config', 'trace', 'artifacts', 'comments'].map(
    (tab) => `/runs/${run}?tab=${tab}`,
  ),
  `/runs/${run}?view=report`,
  '/runs/never-was',
  '/experiments',
  `/experiments/${encodeURIComponent(experiment)}`,
  `/compare?runs=${encodeURIComponent(JSON.stringify([run]))}`,
  '/compare',
  '/providers',
  `/providers?sel=${encodeURIComponent(provider)}`,
  '/settings',
  '/dropped',
  '/nowhere',
]
