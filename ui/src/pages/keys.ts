import { useLayoutEffect, useRef } from 'react'

/** What a key does. `g h` is g and then h; `mod+k` is Ctrl or Command and k. */
export type Keys = Record<string, (event: KeyboardEvent) => void>

const SEQUENCE_MS = 900

/** Keys from when the component can be seen until it is gone. Typing into a field is typing. */
export function useKeys(keys: Keys, active = true): void {
  const latest = useRef(keys)
  latest.current = keys
  // Not after the paint: who sees what a key is for presses it.
  useLayoutEffect(() => {
    if (!active) return
    let leader = ''
    let heard_ms = 0
    const press = (event: KeyboardEvent) => {
      const name = nameOf(event)
      if (event.defaultPrevented || (isTaken(event) && !name.startsWith('mod+'))) return
      const led = leader && event.timeStamp - heard_ms < SEQUENCE_MS ? `${leader} ${name}` : ''
      const act = latest.current[led] ?? (led ? undefined : latest.current[name])
      leader = name === 'g' ? 'g' : ''
      // A page that was busy heard it late: the hand waits for what it sees.
      heard_ms = performance.now()
      if (!act) return
      event.preventDefault()
      act(event)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [active])
}

function nameOf(event: KeyboardEvent): string {
  if (event.ctrlKey || event.metaKey) return `mod+${event.key.toLowerCase()}`
  if (event.altKey) return `alt+${event.key}`
  return event.key.length === 1 ? event.key.toLowerCase() : event.key
}

const PRESSES = 'button, a, input, summary, [role=button], [role=switch], [role=option]'
const TYPES = 'textarea, select, input:not([type=checkbox], [type=radio], [type=range])'

/** Whether the key is for what has the focus: a field, a menu, a button that it presses. */
function isTaken(event: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open]')) return true
  const at = event.target
  if (!(at instanceof HTMLElement)) return false
  if (at.closest('[role=dialog], [role=menu]')) return true
  if ((event.key === 'Enter' || event.key === ' ') && at.closest(PRESSES)) return true
  return at.isContentEditable || at.matches(TYPES)
}
