import { basePath } from './api'
import { type FollowWorld, fetchPicture } from './follow'
import { LiveSocket, type Wire } from './socket'

let socket: LiveSocket | null = null

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
    addEventListener('online', () => made.wake())
    document.addEventListener('visibilitychange', () => document.hidden || made.wake())
    socket = made
  }
  return socket
}

function socketAddress(): string {
  const url = new URL(`${basePath()}api/rlm/live`, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

/** What a follower needs, of this browser. */
export function followWorld(): FollowWorld {
  return {
    socket: liveSocket(),
    fetch: fetchPicture,
    // A hidden tab paints no frames; what came is folded all the same.
    frame: (call) => (document.hidden ? setTimeout(call, 250) : requestAnimationFrame(call)),
    now_ms: () => performance.now(),
  }
}
