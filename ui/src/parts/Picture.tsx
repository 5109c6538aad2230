import { useLayoutEffect, useRef } from 'react'
import { fitted, type Ink, inkOf, type Size, useSize, useThemeTurn } from './canvas'
import style from './Picture.module.css'

interface Props {
  /** Paints it whole; called again when size, theme or this function change. */
  paint: (pen: CanvasRenderingContext2D, size: Size, ink: Ink) => void
  label: string
  className?: string | undefined
  onPoint?: ((x: number, y: number) => void) | undefined
  onLeave?: (() => void) | undefined
  onPick?: ((x: number, y: number, size: Size) => void) | undefined
  children?: React.ReactNode
}

/** A canvas that fills its box. */
export function Picture({ paint, label, className, onPoint, onLeave, onPick, children }: Props) {
  const [box, size] = useSize<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const turn = useThemeTurn()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme is a reason to paint
  useLayoutEffect(() => {
    const pen = canvas.current && fitted(canvas.current, size.width, size.height)
    if (pen && canvas.current && size.width > 0) {
      pen.clearRect(0, 0, size.width, size.height)
      paint(pen, size, inkOf(canvas.current))
    }
  }, [paint, size, turn])
  return (
    <div ref={box} className={`${style.picture} ${className ?? ''}`}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        onPointerMove={(event) => onPoint?.(event.nativeEvent.offsetX, event.nativeEvent.offsetY)}
        onPointerLeave={onLeave}
        onClick={(event) => onPick?.(event.nativeEvent.offsetX, event.nativeEvent.offsetY, size)}
      />
      {children}
    </div>
  )
}
