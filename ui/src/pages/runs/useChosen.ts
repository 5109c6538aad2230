import { useEffect, useMemo, useRef } from 'react'
import type { RunItem } from '../../live/shapes.gen'

export interface Chosen {
  runs: readonly RunItem[]
  /** How many of them the list does not show now: in a closed group, or fit no more. */
  unseen: number
}

/** The chosen runs, as they are here or, where the list does not show them, as last seen. */
export function chosenOf(
  shown: readonly RunItem[],
  selected: ReadonlySet<string>,
  seen: ReadonlyMap<string, RunItem>,
): Chosen {
  const here = shown.filter((run) => selected.has(run.id))
  const isHere = new Set(here.map((run) => run.id))
  const away = [...selected].flatMap((id) => (isHere.has(id) ? [] : (seen.get(id) ?? [])))
  return { runs: [...here, ...away], unseen: away.length }
}

/** The same, with a memory of what was chosen. */
export function useChosen(shown: readonly RunItem[], selected: ReadonlySet<string>) {
  const seen = useRef(new Map<string, RunItem>())
  const chosen = useMemo(() => chosenOf(shown, selected, seen.current), [shown, selected])
  useEffect(() => {
    seen.current = new Map(chosen.runs.map((run) => [run.id, run]))
  }, [chosen])
  return chosen
}
