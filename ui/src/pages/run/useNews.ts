import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { liveSocket } from '../../live/browser'
import { isServed } from '../../live/served'

/** What somebody said of this run elsewhere, in another tab or a terminal, is asked for anew. */
export function useNews(id: string): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!isServed(id)) return
    return liveSocket().follow('runs', {
      ask: () => ({ sub: 'runs' }),
      end: { unsub: 'runs' },
      hear: (frame) => {
        if (frame.type !== 'runs') return
        if (!frame.reload && !frame.changed.some((run) => run.id === id)) return
        client.invalidateQueries({ queryKey: ['run'] })
        client.invalidateQueries({ queryKey: ['labels'] })
      },
    })
  }, [client, id])
}
