/** An exported page carries what the board would answer, in blocks of its own file. */

import { chosen } from './chosen'
import type { Comparison, ComparisonGroup } from './shapes.gen'
import { type Asked, notSaid, said, standIn } from './standIn'

/** What the file says of itself. */
export interface Exported {
  of: 'run' | 'comparison'
  title: string
  /** The address of the page that it shows first. */
  opens: string
  at: string
  payloads: boolean
  /** Whose pages are in it. */
  runs: string[]
  /** Runs below the one that it is of, for which there was no room. */
  left_out: number
  version: string
}

const told = (globalThis as { document?: Document }).document?.getElementById('exported')

/** Null on a page that a board serves. */
export const exported: Exported | null = told ? JSON.parse(told.textContent ?? '') : null

/** From now on the file answers itself. */
export function answerFromFile(): void {
  const blocks = [...document.querySelectorAll('script.answers')]
  const answers = new Answers(blocks.map((block) => () => block.textContent ?? ''))
  standIn((asked) => answered(answers, asked))
}

type Place = [block: number, line: number]

/** Packed answers: base64 of gzip, an answer a line; the last block says where each stands. */
export class Answers {
  readonly #blocks: readonly (() => string)[]
  #places: Promise<Record<string, Place>> | null = null
  #open: { block: number; lines: Promise<string[]> } | null = null

  constructor(blocks: readonly (() => string)[]) {
    this.#blocks = blocks
  }

  /** The answer as it was packed: JSON. */
  async find(question: string): Promise<string | null> {
    this.#places ??= unpacked(this.#blocks[this.#blocks.length - 1]()).then(JSON.parse)
    const places = await this.#places
    if (!Object.hasOwn(places, question)) return null
    const [block, line] = places[question]
    return (await this.#lines(block))[line]
  }

  #lines(block: number): Promise<string[]> {
    if (this.#open?.block !== block) {
      const lines = unpacked(this.#blocks[block]()).then((text) => text.split('\n'))
      this.#open = { block, lines }
    }
    return this.#open.lines
  }
}

async function unpacked(block: string): Promise<string> {
  const bytes = Uint8Array.from(atob(block.trim()), (char) => char.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Response(stream).text()
}

/** What was recorded for exactly this; else for its path, whatever the parameters. */
export async function answered(answers: Answers, { method, path, params }: Asked) {
  if (method !== 'GET')
    return notSaid('An exported page changes nothing', 'Open the run on its board.', 403)
  const exact = [path, ...[...params].map(([name, value]) => `${name}=${value}`)].join('\n')
  const found = (await answers.find(exact)) ?? (await answers.find(path))
  if (found === null)
    return notSaid('This is not in the exported page', 'The board that made it has it.')
  if (path === 'compare') return said(await compared(answers, JSON.parse(found), params))
  return found.startsWith('"') ? said(JSON.parse(found)) : json(found)
}

const json = (body: string) =>
  new Response(body, { headers: { 'content-type': 'application/json' } })

/** Those of its runs that are asked for, or all of them in groups. */
async function compared(
  answers: Answers,
  table: Comparison,
  params: URLSearchParams,
): Promise<Comparison> {
  const runs = params.getAll('run')
  if (runs.length > 0) return chosen(table, runs)
  const key = params.get('group')
  return key === null ? table : grouped(answers, table, key)
}

async function grouped(answers: Answers, table: Comparison, key: string): Promise<Comparison> {
  const found = await answers.find(`compare/groups\ngroup=${key}`)
  return { ...table, groups: found ? (JSON.parse(found) as ComparisonGroup[]) : [] }
}
