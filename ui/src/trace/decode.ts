/** A picture from the columns that the board sends (see `encode_picture` in Python). */

import { type AnyTable, type Column, cells, isNumeric, makeTable, numberFrom } from './columns'
import type { RunHead } from './events.gen'
import { judge } from './ofNodes'
import { link, refresh } from './ofQueries'
import { noteLast } from './ofRun'
import {
  emptyPicture,
  keyOf,
  type Named,
  type Picture,
  type Replaced,
  replace,
  type TableName,
} from './picture'
import { KEYS, NAMED, SUB_QUERY, TABLES } from './picture.gen'

/** A picture on the wire. A column that says nothing is left out, and so are texts at times. */
export interface SentPicture {
  seq: number
  run: RunHead
  names: Record<Named, string[]>
  tables: Partial<Record<TableName, SentTable>>
  replaced: Replaced[]
}

export interface SentTable {
  rows: number
  columns: Record<string, unknown[]>
}

/** The picture that was sent, ready to go on from. */
export function decodePicture(sent: SentPicture): Picture {
  const picture = emptyPicture()
  picture.seq = sent.seq
  picture.run = sent.run
  for (const kind of NAMED) for (const name of sent.names[kind]) picture.names[kind].index(name)
  for (const name of Object.keys(TABLES) as TableName[]) {
    const table = sent.tables[name]
    if (table) decodeTable(picture, name, table)
  }
  for (const [slot, row, atUs] of sent.replaced) replace(picture, slot, row, atUs)
  findRows(picture)
  derive(picture)
  return picture
}

/** The name that counts on: `q-010` after `q-009`. */
export function nextName(name: string): string {
  const digits = /[0-9]{1,15}$/.exec(name)?.[0] ?? ''
  const next = String(Number(digits) + 1).padStart(digits.length, '0')
  return name.slice(0, name.length - digits.length) + next
}

function decodeTable(picture: Picture, name: TableName, sent: SentTable): void {
  const table = makeTable(TABLES[name], sent.rows) as unknown as AnyTable
  Object.assign(picture, { [name]: table })
  for (const [column, said] of Object.entries(table.schema)) {
    const values = sent.columns[column]
    if (values === undefined) continue
    if (said[1] === 'count') decodeCounts(table[column] as unknown[], values)
    else decodeColumn(table, column, values, said, near(picture, table, said))
  }
}

type Near = (row: number) => number

/** What a column is told from: another of its row, or of the attempt's sub-query; or nothing. */
function near(picture: Picture, table: AnyTable, [, sent, base]: Column): Near | null {
  if (sent !== 'from') return null
  if (!base.startsWith('queries.')) {
    const column = table[base] as Float64Array
    return (row) => column[row]
  }
  const column = (picture.queries as unknown as AnyTable)[base.slice(8)] as Float64Array
  const query = table.query as Int32Array
  return (row) => column[query[row]]
}

function decodeColumn(
  table: AnyTable,
  name: string,
  sent: unknown[],
  [kind, how]: Column,
  base: Near | null,
): void {
  const column = table[name] as unknown[]
  const numeric = isNumeric(kind)
  let last = 0
  for (let row = 0; row < sent.length; row++) {
    if (how === 'plain' && !numeric) {
      column[row] = sent[row]
      continue
    }
    const said = numberFrom(sent[row])
    const from = base === null ? last : base(row)
    column[row] = Number.isNaN(from) ? said : said + from
    if (how === 'step' && !Number.isNaN(said)) last += said
  }
}

function decodeCounts(column: unknown[], sent: unknown[]): void {
  let last = ''
  for (let row = 0; row < sent.length; row++) {
    last = sent[row] === 0 ? nextName(last) : String(sent[row])
    column[row] = last
  }
}

/** Rows by their key again. */
function findRows(picture: Picture): void {
  for (const name of Object.keys(KEYS) as (keyof typeof KEYS)[]) {
    const table = picture[name] as unknown as AnyTable
    const found = picture.found[name]
    const columns = KEYS[name].map((column) => cells(table, column) as (string | number | null)[])
    found.clear()
    for (let row = 0; row < table.rows; row++) found.set(keyOf(...columns.map((c) => c[row])), row)
  }
}

/** What follows from the columns that were sent. */
function derive(picture: Picture): void {
  const { things, queries, nodes, attempts, checks, points } = picture
  for (let row = 0; row < queries.rows; row++) {
    things.kind[queries.thing[row]] = SUB_QUERY
    things.row[queries.thing[row]] = row
  }
  for (let row = 0; row < nodes.rows; row++) {
    things.kind[nodes.thing[row]] = nodes.kind[row]
    things.row[nodes.thing[row]] = row
  }
  for (let row = 0; row < checks.rows; row++) judge(picture, row)
  for (let row = 0; row < attempts.rows; row++) link(picture, row)
  for (let row = 0; row < queries.rows; row++) refresh(picture, row)
  for (let row = 0; row < points.rows; row++) {
    noteLast(picture, points.metric[row], points.at_us[row], points.step[row])
  }
}
