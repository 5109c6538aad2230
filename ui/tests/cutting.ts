import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Numbers from 0 to 1 that are the same for the same seed. */
export function drawn(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Stands between page and board, and cuts each connection after a number of bytes drawn by seed. */
export class CuttingProxy {
  /** Without it everything passes. */
  isCutting = false
  cuts = 0
  #server: Server
  #open = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async before(port: number, seed: number, most_bytes: number): Promise<CuttingProxy> {
    const draw = drawn(seed)
    const server = createServer((page) =>
      proxy.#join(page, connect(port, '127.0.0.1'), draw, most_bytes),
    )
    const proxy = new CuttingProxy(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Cuts whatever is open. */
  cut(): void {
    for (const socket of this.#open) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(page: Socket, board: Socket, draw: () => number, most_bytes: number): void {
    let left = Math.ceil(draw() * most_bytes)
    const both = [page, board]
    const end = () => {
      for (const one of both) {
        one.destroy()
        this.#open.delete(one)
      }
    }
    for (const one of both) {
      this.#open.add(one)
      one.on('close', end)
      one.on('error', end)
    }
    page.on('data', (sent) => board.write(sent))
    board.on('data', (sent) => {
      if (!this.isCutting) {
        page.write(sent)
        return
      }
      page.write(sent.subarray(0, left))
      left -= sent.length
      if (left > 0) return
      this.cuts += 1
      page.destroySoon()
      board.destroy()
    })
  }
}
