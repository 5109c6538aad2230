import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { TimelineEngine } from './engine'
import { OVERVIEW_PX, RULER_PX } from './layout'

interface Pointed {
  bar: number
  x: number
  y: number
}

const DRAGS_FROM_PX = 4

/** Hands on the timeline: hover, click, drag, wheel, pinch, and the brush above. */
export function usePointing(
  engine: RefObject<TimelineEngine | null>,
  onPick: (bar: number) => void,
) {
  const [pointed, setPointed] = useState<Pointed | null>(null)
  const drag = useRef<{ x: number; y: number; moved: boolean; where: 'overview' | 'bars' } | null>(
    null,
  )
  const fingers = useRef(new Map<number, number>())
  useWheel(engine)
  const handlers = {
    onPointerDown: (event: React.PointerEvent<HTMLCanvasElement>) => {
      const { offsetX: x, offsetY: y } = event.nativeEvent
      event.currentTarget.setPointerCapture(event.pointerId)
      fingers.current.set(event.pointerId, x)
      drag.current = { x, y, moved: false, where: y < OVERVIEW_PX ? 'overview' : 'bars' }
      if (y < OVERVIEW_PX) centre(engine.current, x)
      setPointed(null)
    },
    onPointerMove: (event: React.PointerEvent<HTMLCanvasElement>) => {
      const { offsetX: x, offsetY: y } = event.nativeEvent
      const held = drag.current
      if (!held) {
        const bar = engine.current?.point(x, y) ?? -1
        setPointed(bar < 0 ? null : { bar, x, y })
        return
      }
      if (fingers.current.size === 2)
        return pinch(engine.current, fingers.current, event.pointerId, x)
      if (!held.moved && Math.hypot(x - held.x, y - held.y) < DRAGS_FROM_PX) return
      held.moved = true
      if (held.where === 'overview') centre(engine.current, x)
      else move(engine.current, x - held.x, y - held.y)
      held.x = x
      held.y = y
    },
    onPointerUp: (event: React.PointerEvent<HTMLCanvasElement>) => {
      const { offsetX: x, offsetY: y } = event.nativeEvent
      fingers.current.delete(event.pointerId)
      const held = drag.current
      drag.current = null
      if (!held || held.moved || held.where === 'overview') return
      onPick(engine.current?.point(x, y) ?? -1)
    },
    onPointerCancel: (event: React.PointerEvent<HTMLCanvasElement>) => {
      fingers.current.delete(event.pointerId)
      drag.current = null
    },
    onPointerLeave: () => {
      engine.current?.point(-1, -1)
      setPointed(null)
    },
    onDoubleClick: (event: React.MouseEvent<HTMLCanvasElement>) =>
      engine.current?.zoom(0.4, event.nativeEvent.offsetX),
  }
  return { pointed, handlers }
}

function move(engine: TimelineEngine | null, dx: number, dy: number): void {
  const made = engine?.made
  if (!engine || !made) return
  engine.scrollBy(-dy)
  if (dx !== 0)
    engine.pan((-dx * (made.view.t1 - made.view.t0)) / (made.box.width - made.box.gutter))
}

/** The brush is moved so that its middle is under the pointer. */
function centre(engine: TimelineEngine | null, x: number): void {
  const made = engine?.made
  if (!engine || !made) return
  const whole = engine.whole()
  const share = (x - made.box.gutter) / (made.box.width - made.box.gutter - 12)
  const at = whole.t0 + share * (whole.t1 - whole.t0)
  engine.pan(at - (made.view.t0 + made.view.t1) / 2)
}

function pinch(
  engine: TimelineEngine | null,
  fingers: Map<number, number>,
  id: number,
  x: number,
): void {
  const other = [...fingers].find(([one]) => one !== id)?.[1] ?? x
  const before = Math.max(20, Math.abs((fingers.get(id) ?? x) - other))
  const after = Math.max(20, Math.abs(x - other))
  fingers.set(id, x)
  engine?.zoom(before / after, (x + other) / 2)
}

/** Wheel over the ruler or with Ctrl zooms, with Shift moves in time, else scrolls rows or the page. */
function useWheel(engine: RefObject<TimelineEngine | null>): void {
  useLayoutEffect(() => {
    const turn = (event: WheelEvent) => {
      const at = engine.current
      if (!at?.isOn(event.target)) return
      const onRuler = event.offsetY < OVERVIEW_PX + RULER_PX
      const sideways = event.shiftKey
        ? event.deltaY || event.deltaX
        : Math.abs(event.deltaX) > Math.abs(event.deltaY)
          ? event.deltaX
          : 0
      if (event.ctrlKey || event.metaKey || (onRuler && !event.shiftKey))
        at.zoom(Math.exp(event.deltaY * 0.0018), event.offsetX)
      else if (sideways) move(at, -sideways, 0)
      else if (!at.scrollBy(event.deltaY)) return
      event.preventDefault()
    }
    addEventListener('wheel', turn, { passive: false })
    return () => removeEventListener('wheel', turn)
  }, [engine])
}
