/** What is selected on a run page: a thing of the run, or of one of its child runs. */
export interface Chosen {
  /** A child run; null for the run itself. */
  run: string | null
  /** Row of Things; 0 is the root, -1 one that the trace does not have (yet). */
  thing: number
}

export const isSame = (a: Chosen | null, b: Chosen | null): boolean =>
  a?.run === b?.run && a?.thing === b?.thing
