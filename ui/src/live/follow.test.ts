import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { advance } from '../trace/advance'
import type { SentPicture } from '../trace/decode'
import { emptyPicture, type Picture, plain } from '../trace/picture'
import { readTrace } from '../trace/read'
import { BoardError } from './api'
import { Follower } from './follow'
import type { Frame, Request } from './frames'
import type { Line } from './shapes.gen'
import { LiveSocket, type Wire } from './socket'

const TRACE = join(import.meta.dirname, '../../../golden/normal/trace.jsonl')
const traceLines = [...readTrace(readFileSync(TRACE))]
const LINES: Line[] = traceLines.map((line) =>
  'event' in line
    ? { seq: line.seq, timestamp_ms: line.timestamp_ms, event: line.event }
    : { seq: line.seq, hole: line.reason },
)
const RUN = 'event' in traceLines[0] ? traceLines[0].run_id : ''

function whole(upTo = LINES.length) {
  const picture = emptyPicture()
  for (const line of traceLines) if (line.seq <= upTo) advance(picture, line)
  return picture
}

/** Nothing has come yet. */
const EMPTY = {
  seq: 0,
  run: emptyPicture().run,
  names: { provider: [], model: [], venue: [], reason: [], path: [] },
  tables: { things: { rows: 1, columns: { id: ['root'] } } },
  replaced: [],
} as unknown as SentPicture

/** A board behind a wire that can be cut, on a clock that is turned by hand. */
class Board {
  wires: FakeWire[] = []
  timers: { call: () => void; at: number }[] = []
  now = 0
  sent: Request[] = []
  batch = 3

  connect = (): Wire => {
    const wire = new FakeWire(this)
    this.wires.push(wire)
    return wire
  }

  later = (call: () => void, after: number) => {
    const timer = { call, at: this.now + after }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((one) => one !== timer)
    }
  }

  turn(by: number): void {
    this.now += by
    for (const timer of this.timers.filter((one) => one.at <= this.now)) {
      this.timers = this.timers.filter((one) => one !== timer)
      timer.call()
    }
  }

  /** Lines after a seq, until the wire is cut after so many batches. */
  serve(wire: FakeWire, after: number, batches = Number.POSITIVE_INFINITY): void {
    let at = after
    for (let n = 0; n < batches && at < LINES.length; n++) {
      const lines = LINES.slice(at, at + this.batch)
      wire.say({ type: 'lines', run_id: RUN, after: at, to: at + lines.length, lines })
      at += lines.length
    }
    if (at >= LINES.length) wire.say({ type: 'live', run_id: RUN, seq: at })
  }
}

class FakeWire implements Wire {
  onopen: Wire['onopen'] = null
  onclose: Wire['onclose'] = null
  onmessage: Wire['onmessage'] = null
  asked: Request[] = []
  readonly board: Board

  constructor(board: Board) {
    this.board = board
  }
  send(text: string): void {
    this.asked.push(JSON.parse(text) as Request)
  }
  close(): void {}
  say(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

type Fetch = (at?: number) => Promise<SentPicture | Picture>

async function following(
  board: Board,
  fetch: Fetch = async () => EMPTY,
  frame: (call: () => void) => void = (call) => call(),
) {
  const socket = new LiveSocket({ connect: board.connect, later: board.later, random: () => 0.5 })
  const fetched: (number | undefined)[] = []
  const follower = new Follower(RUN, {
    socket,
    fetch: async (_, at) => {
      fetched.push(at)
      return fetch(at)
    },
    frame,
    later: board.later,
    now_ms: () => 0,
  })
  await follower.start()
  return { socket, follower, fetched }
}

const BUSY = { type: 'busy', title: 'Busy', status: 503, detail: '', position: null }

/** What was promised by now has come. */
const settled = () => new Promise((resolve) => setTimeout(resolve))

const askedAfter = (wire: FakeWire): number => {
  const last = wire.asked.findLast((request) => 'sub' in request && request.sub === 'run')
  return last && 'after' in last ? last.after : -1
}

describe('a run that is followed', () => {
  test.each([0, 1, 2, 3, 5])(
    'is the same after the socket was cut %d times as in one go',
    async (cuts) => {
      const board = new Board()
      const { follower } = await following(board)
      for (let n = 0; n <= cuts; n++) {
        const wire = board.wires[board.wires.length - 1]
        wire.onopen?.({})
        board.serve(wire, askedAfter(wire), n < cuts ? n + 1 : undefined)
        if (n === cuts) break
        wire.onclose?.({})
        board.turn(10_000)
      }
      expect(plain(follower.picture)).toEqual(plain(whole()))
      expect(follower.state).toBe('ended')
    },
  )

  test('takes lines that come twice once', async () => {
    const board = new Board()
    const { follower } = await following(board)
    const wire = board.wires[0]
    wire.onopen?.({})
    board.serve(wire, 0, 2)
    board.serve(wire, 0)
    expect(plain(follower.picture)).toEqual(plain(whole()))
  })

  test('never guesses across a gap: it asks again from where it is', async () => {
    const board = new Board()
    const { follower } = await following(board)
    const wire = board.wires[0]
    wire.onopen?.({})
    wire.say({ type: 'lines', run_id: RUN, after: 6, to: 8, lines: LINES.slice(6, 8) })
    expect(follower.picture.seq).toBe(0)
    expect(askedAfter(wire)).toBe(0)
  })

  test('fetches the picture where the board leaves lines out', async () => {
    const board = new Board()
    const { fetched } = await following(board)
    const wire = board.wires[0]
    wire.onopen?.({})
    wire.say({ type: 'gap', run_id: RUN, after: 0, to: 9 })
    await Promise.resolve()
    expect(fetched).toEqual([undefined, 9])
  })

  test('keeps the later of two pictures, whichever comes last', async () => {
    const board = new Board()
    const answers: ((picture: Picture) => void)[] = []
    const { follower } = await following(board, (at) =>
      at === undefined ? Promise.resolve(EMPTY) : new Promise((give) => answers.push(give)),
    )
    const wire = board.wires[0]
    wire.onopen?.({})
    wire.say({ type: 'gap', run_id: RUN, after: 0, to: 9 })
    wire.say({ type: 'reset', run_id: RUN, reason: 'replaced' })
    await settled()
    board.serve(wire, 0)
    answers[0](whole(9))
    await settled()
    expect(plain(follower.picture)).toEqual(plain(whole()))
  })

  test('folds no line into a picture that it does not join', async () => {
    const board = new Board()
    const frames: (() => void)[] = []
    let give: (picture: Picture) => void = () => {}
    const { follower } = await following(
      board,
      (at) =>
        at
          ? new Promise((answer) => {
              give = answer
            })
          : Promise.resolve(EMPTY),
      (call) => frames.push(call),
    )
    const wire = board.wires[0]
    wire.onopen?.({})
    board.serve(wire, 0, 4)
    wire.say({ type: 'gap', run_id: RUN, after: 12, to: 14 })
    give(whole(9))
    await settled()
    for (const frame of frames) frame()
    expect(plain(follower.picture)).toEqual(plain(whole(follower.picture.seq)))
  })

  test('asks again, more and more seldom, for a picture that it could not have', async () => {
    const board = new Board()
    let left = 2
    const { follower, fetched } = await following(board, async () => {
      if (left-- > 0) throw new BoardError(BUSY)
      return EMPTY
    })
    expect(follower.state).toBe('failed')
    for (let n = 0; n < 4; n++) {
      board.turn(2_000)
      await settled()
    }
    expect([fetched.length, follower.state, board.wires.length]).toEqual([3, 'behind', 1])
  })

  test.each(['reset', 'problem', 'picture'])(
    'is gone when it was deleted (told by a %s)',
    async (how) => {
      const board = new Board()
      const { follower } = await following(board, async () => {
        if (how === 'picture') throw new BoardError({ ...BUSY, type: 'unknown-run', status: 404 })
        return EMPTY
      })
      board.wires[0]?.onopen?.({})
      if (how === 'reset') board.wires[0].say({ type: 'reset', run_id: RUN, reason: 'gone' })
      if (how === 'problem')
        board.wires[0].say({ ...BUSY, type: 'problem', problem: 'unknown-run', run_id: RUN })
      expect(follower.state).toBe('gone')
    },
  )

  test('that was deleted is not asked for any more', async () => {
    const board = new Board()
    const { follower } = await following(board)
    board.wires[0].onopen?.({})
    board.wires[0].say({ type: 'reset', run_id: RUN, reason: 'gone' })
    const asked = board.wires[0].asked.length
    board.turn(5_000)
    expect([follower.state, board.wires[0].asked.length]).toEqual(['gone', asked])
  })
})

describe('the socket', () => {
  test('rests while nobody looks, and goes on from where it was', async () => {
    const board = new Board()
    const { socket, follower } = await following(board)
    board.wires[0].onopen?.({})
    board.serve(board.wires[0], 0, 3)
    socket.rest()
    board.wires[0].onclose?.({})
    board.turn(60_000)
    expect([socket.state, board.wires.length]).toEqual(['resting', 1])
    socket.wake()
    board.wires[1].onopen?.({})
    expect(askedAfter(board.wires[1])).toBe(9)
    board.serve(board.wires[1], 9)
    expect(plain(follower.picture)).toEqual(plain(whole()))
  })

  test('hears nothing more from a line that it gave up', async () => {
    const board = new Board()
    const { follower } = await following(board)
    board.wires[0].onopen?.({})
    board.turn(17_000)
    board.turn(1_000)
    board.serve(board.wires[0], 0)
    expect(follower.picture.seq).toBe(0)
  })

  test('gives up a line that never opens', async () => {
    const board = new Board()
    await following(board)
    board.turn(17_000)
    board.turn(1_000)
    expect(board.wires).toHaveLength(2)
  })

  test('waits twice as long after each failure, and not for ever', async () => {
    const board = new Board()
    await following(board)
    const waits: number[] = []
    for (let n = 0; n < 8; n++) {
      board.wires[board.wires.length - 1].onclose?.({})
      const count = board.wires.length
      const before = board.now
      while (board.wires.length === count) board.turn(50)
      waits.push(board.now - before)
    }
    expect(waits[1]).toBeGreaterThan(waits[0])
    expect(Math.max(...waits)).toBeLessThanOrEqual(8_050)
  })

  test('takes a silent line for dead', async () => {
    const board = new Board()
    await following(board)
    board.wires[0].onopen?.({})
    board.turn(17_000)
    board.turn(1_000)
    expect(board.wires).toHaveLength(2)
  })
})
