import { create } from 'zustand'
import { droppedTrace, openTrace } from '../../live/dropped'
import type { DroppedTrace } from '../../live/droppedLines'
import { DROPPED } from '../../live/served'
import { questions } from '../questions'

interface Opening {
  trace: DroppedTrace | null
  /** The name of the file that is being read. */
  reading: string | null
  trouble: string | null
  /** Grows with each trace, so that a page of another one starts anew. */
  number: number
  open: (file: File) => Promise<void>
}

/** The trace that lies in the page, and how far it is read. */
export const useOpenTrace = create<Opening>()((set, get) => ({
  trace: droppedTrace(),
  reading: null,
  trouble: null,
  number: 0,
  open: async (file) => {
    set({ reading: file.name, trouble: null })
    try {
      const trace = await openTrace(file.name, new Uint8Array(await file.arrayBuffer()))
      forget()
      set({ trace, reading: null, number: get().number + 1 })
    } catch (why) {
      set({ reading: null, trouble: why instanceof Error ? why.message : String(why) })
    }
  },
}))

/** What was answered about the trace before. */
function forget(): void {
  const about = `runs/${DROPPED}`
  questions.removeQueries({
    predicate: ({ queryKey }) =>
      queryKey.some(
        (part) => part === DROPPED || (typeof part === 'string' && part.startsWith(about)),
      ),
  })
}
