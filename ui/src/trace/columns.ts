/** Tables whose columns lie apart, each a typed array that grows: quick to fold into, quick to draw.
 *
 * What is unknown is NaN in numbers, -1 in an index and null in texts; a row is added whole with
 * nothing known. The arrays are longer than the table: only the first `rows` count.
 */

export type Ref = string | string[]

/** What a column of each kind is made of. */
interface Cells {
  time: Float64Array
  number: Float64Array
  index: Int32Array
  bits: Uint16Array
  name: (string | null)[]
  text: (string | null)[]
  ref: (Ref | null)[]
}

export type Kind = keyof Cells

/** Kind, how it is sent, and what it is told from. */
export type Column = readonly [kind: Kind, sent: string, base: string]
export type Schema = Readonly<Record<string, Column>>

interface Rows<S> {
  rows: number
  capacity: number
  readonly schema: S
}

export type Table<S extends Schema = Schema> = Rows<S> & { [K in keyof S]: Cells[S[K][0]] }

/** Any table, its columns by name. */
export interface AnyTable extends Rows<Schema> {
  [column: string]: unknown
}

const FEWEST = 16

export function makeTable<S extends Schema>(schema: S, rows = 0): Table<S> {
  const table: AnyTable = { rows, capacity: rows, schema }
  for (const [name, [kind]] of Object.entries(schema)) table[name] = blank(kind, rows)
  return table as unknown as Table<S>
}

/** A row more, nothing known; its number. */
export function add<S extends Schema>(table: Table<S>): number {
  if (table.rows === table.capacity) grow(table as unknown as AnyTable)
  return table.rows++
}

/** A column as plain values; null for what is unknown. */
export function cells(table: AnyTable, name: string): unknown[] {
  const kind = table.schema[name][0]
  const column = table[name] as ArrayLike<number | Ref | null>
  const values = Array.from({ length: table.rows }, (_, row) => column[row])
  return isNumeric(kind) ? values.map((value) => plainNumber(value as number)) : values
}

export function isNumeric(kind: Kind): boolean {
  return kind === 'time' || kind === 'number'
}

/** The number as JSON can say it: NaN as null, `inf` and `-inf` as such. */
export function plainNumber(value: number): number | string | null {
  if (Number.isNaN(value)) return null
  if (Number.isFinite(value)) return value
  return value > 0 ? 'inf' : '-inf'
}

/** What `plainNumber` made of it, back. */
export function numberFrom(plain: unknown): number {
  if (typeof plain === 'number') return plain
  return plain === 'inf' ? Infinity : plain === '-inf' ? -Infinity : NaN
}

function blank(kind: Kind, rows: number): Cells[Kind] {
  switch (kind) {
    case 'time':
    case 'number':
      return new Float64Array(rows).fill(NaN)
    case 'index':
      return new Int32Array(rows).fill(-1)
    case 'bits':
      return new Uint16Array(rows)
    case 'name':
    case 'text':
    case 'ref':
      return new Array(rows).fill(null)
  }
}

function grow(table: AnyTable): void {
  const capacity = Math.max(FEWEST, 2 * table.capacity)
  for (const [name, [kind]] of Object.entries(table.schema)) {
    const wider = blank(kind, capacity)
    const old = table[name] as Cells[Kind]
    if (Array.isArray(wider))
      for (let row = 0; row < table.rows; row++) wider[row] = old[row] as Ref
    else wider.set(old as unknown as ArrayLike<number>)
    table[name] = wider
  }
  table.capacity = capacity
}
