import { basePath } from './api'
import { type FollowWorld, fetchPicture } from './follow'
import { DROPPED, isServed } from './served'
import { LiveSocket, type Wire } from './socket'

let socket: LiveSocket | null = null
/** Where nothing more will come. */
const SILENT = { follow: () => () => {}, again: () => {} }

/** The one socket of this page. */
export function liveSocket(): LiveSocket {
  if (!socket) {
    const made = new LiveSocket({
      connect: () => new WebSocket(socketAddress()) as Wire,
      later: (call, afterMs) => {
        const timer = setTimeout(call, afterMs)
        return () => clearTimeout(timer)
      },
      random: Math.random,
    })
    addEventListener('online', () => document.hidden || made.wake())
    document.addEventListener('visibilitychange', () =>
      document.hidden ? made.rest() : made.wake(),
    )
    socket = made
  }
  return socket
}

function socketAddress(): string {
  const url = new URL(`${basePath()}api/rlm/live`, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

/** Who drops no trace needs nothing that reads one. */
const fetchDropped = () => import('./dropped').then((file) => file.droppedPicture())

/** What a follower needs, of this browser. */
export function followWorld(run: string): FollowWorld {
  const isStill = !isServed(run)
  return {
    socket: isStill ? SILENT : liveSocket(),
    fetch: run === DROPPED ? fetchDropped : fetchPicture,
    isStill,
    // A hidden tab paints no frames; what came is folded all the same.
    later: (call, after_ms) => setTimeout(call, after_ms),
    frame: (call) => (document.hidden ? setTimeout(call, 250) : requestAnimationFrame(call)),
    now_ms: () => performance.now(),
  }
}
