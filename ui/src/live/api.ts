import { readPlain } from '../trace/terminal'
import { heardDate } from './boardClock'
import type { Problem } from './shapes.gen'
import { fetched } from './standIn'

/** Where the board stands: `/` or the prefix that it is served under. */
export function basePath(): string {
  const said = meta('rlmboard-base') || '/'
  return said.endsWith('/') ? said : `${said}/`
}

const TOKEN = 'rlmboard-token'

const meta = (name: string, page: Document = document): string =>
  page.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''

export type Params = Record<
  string,
  string | number | boolean | readonly string[] | null | undefined
>

/** The address of something that the board serves; what is unknown is left out. */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
  }
  const said = query.toString()
  return `${basePath()}api/rlm/${path}${said ? `?${said}` : ''}`
}

/** A part of an address: names may hold slashes, dots and anything else. */
export const part = (name: string): string => encodeURIComponent(name)

/** What the board answers where it cannot do what was asked. */
export class BoardError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.problem = problem
  }
}

const UNREACHABLE: Problem = {
  type: 'unreachable',
  title: 'The board does not answer',
  status: 0,
  detail: 'It may have been stopped; start it again with rlmboard ui. What is shown stays.',
  position: null,
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  let answer: Response
  try {
    answer = await fetched(url, init)
  } catch (why) {
    if (init.signal?.aborted) throw why
    throw new BoardError(UNREACHABLE)
  }
  if (!answer.ok) throw new BoardError(await problemOf(answer))
  return answer
}

async function problemOf(answer: Response): Promise<Problem> {
  const fallback = {
    ...UNREACHABLE,
    type: 'internal',
    status: answer.status,
    title: answer.statusText,
    detail: '',
  }
  if (!answer.headers.get('content-type')?.includes('json')) return fallback
  return { ...fallback, ...((await answer.json()) as Partial<Problem>) }
}

/** What the board answers, to be shown. */
export async function ask<T>(path: string, params?: Params, signal?: AbortSignal): Promise<T> {
  const sent_ms = Date.now()
  const answer = await reach(address(path, params), signal ? { signal } : {})
  heardDate(answer.headers.get('date'), sent_ms, Date.now())
  return readPlain(await answer.text()) as T
}

/** The same, to the letter. */
export async function askAsWritten<T>(
  path: string,
  params?: Params,
  signal?: AbortSignal,
): Promise<T> {
  return JSON.parse(await askText(path, params, signal)) as T
}

export async function askText(
  path: string,
  params?: Params,
  signal?: AbortSignal,
): Promise<string> {
  const answer = await reach(address(path, params), signal ? { signal } : {})
  return answer.text()
}

function acting(method: Method, body: unknown): RequestInit {
  const headers = { 'X-Rlmboard-Token': meta(TOKEN) }
  if (body === undefined) return { method, headers }
  const typed = { ...headers, 'Content-Type': 'application/json' }
  return { method, headers: typed, body: JSON.stringify(body) }
}

/** A board that was started anew has another token: the page that it serves now tells it. */
async function hasNewToken(why: unknown): Promise<boolean> {
  if (!(why instanceof BoardError) || why.problem.type !== 'refused') return false
  const served = await reach(`${basePath()}rlm`, {}).then(
    (answer) => answer.text(),
    () => '',
  )
  const token = meta(TOKEN, new DOMParser().parseFromString(served, 'text/html'))
  const known = document.querySelector<HTMLMetaElement>(`meta[name="${TOKEN}"]`)
  if (!known || !token || token === known.content) return false
  known.content = token
  return true
}

type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Does something that only the page that was served may do. */
export async function act<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const reached = () => reach(address(path), acting(method, body))
  const answer = await reached().catch(async (why: unknown) => {
    if (!(await hasNewToken(why))) throw why
    return reached()
  })
  const text = await answer.text()
  return (text ? JSON.parse(text) : null) as T
}
