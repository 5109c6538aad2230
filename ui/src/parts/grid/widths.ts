import { create } from 'zustand'
import { persist } from 'zustand/middleware'

interface Widths {
  widths: Record<string, number>
  setWidth: (key: string, width_px: number) => void
}

/** Widths that a person gave the columns of a table, kept in their browser under this name. */
export const widthsKept = (name: string) =>
  create<Widths>()(
    persist(
      (set) => ({
        widths: {},
        setWidth: (key, width_px) => set((was) => ({ widths: { ...was.widths, [key]: width_px } })),
      }),
      { name },
    ),
  )
