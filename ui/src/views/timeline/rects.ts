const FEWEST = 1024

/** Rectangles side by side in columns; where several bars share one, it is the loudest of them. */
export class Rects {
  count = 0
  x = new Float32Array(FEWEST)
  y = new Float32Array(FEWEST)
  w = new Float32Array(FEWEST)
  look = new Uint8Array(FEWEST)
  bar = new Int32Array(FEWEST)

  add(x: number, y: number, w: number, look: number, bar: number): void {
    if (this.count === this.x.length) this.#grow()
    const n = this.count
    this.x[n] = x
    this.y[n] = y
    this.w[n] = w
    this.look[n] = look
    this.bar[n] = bar
    this.count += 1
  }

  /** The last rectangle also stands for this one. */
  louder(look: number, bar: number): void {
    const n = this.count - 1
    if (look <= this.look[n]) return
    this.look[n] = look
    this.bar[n] = bar
  }

  #grow(): void {
    const size = this.x.length * 2
    this.x = wider(this.x, new Float32Array(size))
    this.y = wider(this.y, new Float32Array(size))
    this.w = wider(this.w, new Float32Array(size))
    this.look = wider(this.look, new Uint8Array(size))
    this.bar = wider(this.bar, new Int32Array(size))
  }
}

function wider<A extends Float32Array | Uint8Array | Int32Array>(was: A, next: A): A {
  next.set(was)
  return next
}
