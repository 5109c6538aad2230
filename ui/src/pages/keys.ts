import { useEffect, useRef } from 'react'

/** What a key does. `g h` is g and then h; `mod+k` is Ctrl or Command and k. */
export type Keys = Record<string, (event: KeyboardEvent) => void>

const SEQUENCE_MS = 900

/** Keys for as long as the component is there. Typing into a field is typing. */
export function useKeys(keys: Keys, active = true): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    if (!active) return
    let leader = ''
    let leaderAt = 0
    const press = (event: KeyboardEvent) => {
      const name = nameOf(event)
      if (event.defaultPrevented || (isTyping(event) && !name.startsWith('mod+'))) return
      const led = leader && event.timeStamp - leaderAt < SEQUENCE_MS ? `${leader} ${name}` : ''
      const act = latest.current[led] ?? (led ? undefined : latest.current[name])
      leader = name === 'g' ? 'g' : ''
      leaderAt = event.timeStamp
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
  return event.key
}

function isTyping(event: KeyboardEvent): boolean {
  const at = event.target
  if (!(at instanceof HTMLElement)) return false
  if (at.closest('dialog')) return true
  return at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)
}
