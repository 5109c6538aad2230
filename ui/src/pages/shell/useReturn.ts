import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { liveSocket } from '../../live/browser'

/** When the line breaks, whether the board is there is asked; when it is back, all that is shown. */
export function useReturn(): void {
  const client = useQueryClient()
  useEffect(() => {
    const socket = liveSocket()
    let wasOpen = false
    return socket.watch(() => {
      if (socket.state === 'waiting') client.invalidateQueries({ queryKey: ['home'] })
      if (socket.state !== 'open') return
      if (wasOpen) client.invalidateQueries()
      wasOpen = true
    })
  }, [client])
}
