import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type Size, useThemeTurn } from '../../parts/canvas'
import { usePhone } from '../../parts/useMedia'
import { TimelineEngine } from './engine'
import type { EngineProps } from './Plot'

const SETTLED_MS = 300

/** The engine behind the canvas, told of whatever changes around it. */
export function useEngine(
  props: EngineProps,
  canvas: RefObject<HTMLCanvasElement | null>,
  size: Size,
  isShown: boolean,
) {
  const engine = useRef<TimelineEngine | null>(null)
  const [isFollowing, setFollowing] = useState(false)
  const latest = useRef(props)
  latest.current = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: one engine for as long as the canvas is there
  useLayoutEffect(() => {
    if (!canvas.current) return
    const made = new TimelineEngine(canvas.current, () => latest.current.source(), props.grouping)
    let settle: ReturnType<typeof setTimeout>
    made.view = props.view
    made.onView = (view, follows) => {
      setFollowing(follows)
      clearTimeout(settle)
      settle = setTimeout(() => latest.current.onView(view), SETTLED_MS)
    }
    engine.current = made
    const leave = props.axis?.join(made)
    props.onEngine?.(made)
    return () => {
      clearTimeout(settle)
      leave?.()
      made.stop()
      props.onEngine?.(null)
    }
  }, [isShown])
  useTold(engine, props, size)
  return { engine, isFollowing }
}

/** Size, grouping, limits, selection, theme and each new version are told to the engine. */
function useTold(engine: RefObject<TimelineEngine | null>, props: EngineProps, size: Size): void {
  const { source, version, grouping, limits, selected, view } = props
  const turn = useThemeTurn()
  const isPhone = usePhone()
  const { isLive } = source()
  useEffect(() => {
    if (!engine.current) return
    engine.current.isPhone = isPhone
    engine.current.resize(size.width, size.height)
  }, [engine, size, isPhone])
  useEffect(() => engine.current?.group(grouping), [engine, grouping])
  useEffect(() => engine.current?.limit(limits), [engine, limits])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a run that turns live is followed, once
  useEffect(() => {
    if (isLive && !view && !props.axis) engine.current?.follow()
  }, [isLive])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each version is painted
  useEffect(() => {
    engine.current?.paintSoon()
    if (engine.current) props.axis?.grew(engine.current)
  }, [version, source])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme is painted
  useEffect(() => engine.current?.retheme(), [turn])
  useEffect(() => engine.current?.select(selected), [engine, selected])
}
