/** Who answers in place of the board, where somebody does: an exported page, a trace that was
 * dropped on the page. Whoever asks cannot tell the difference.
 */

import type { Problem } from './shapes.gen'

export interface Asked {
  method: string
  /** Below `api/rlm/`, nothing escaped. */
  path: string
  params: URLSearchParams
}

/** The answer; null for what is not theirs to answer. */
export type StandIn = (asked: Asked) => Promise<Response> | null

const standIns = new Set<StandIn>()
const API = 'api/rlm/'

/** From now on this one is asked first; the answer takes it back. */
export function standIn(one: StandIn): () => void {
  standIns.add(one)
  return () => standIns.delete(one)
}

/** The answer of whoever stands in for the board; else the network's. */
export function fetched(url: string, init: RequestInit): Promise<Response> {
  const asked = askedOf(url, init.method ?? 'GET')
  for (const one of standIns) {
    const answer = one(asked)
    if (answer) return answer
  }
  return fetch(url, init)
}

export function askedOf(url: string, method: string): Asked {
  const [path, search = ''] = url.slice(url.indexOf(API) + API.length).split('?')
  return {
    method,
    path: path.split('/').map(decodeURIComponent).join('/'),
    params: new URLSearchParams(search),
  }
}

/** A good answer: JSON, or a text as it stands. */
export function said(value: unknown): Response {
  return typeof value === 'string'
    ? new Response(value, { headers: { 'content-type': 'text/plain' } })
    : new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } })
}

/** What cannot be had from who stands in. */
export function notSaid(title: string, detail: string, status = 404): Response {
  const problem: Problem = { type: 'not-found', title, status, detail, position: null }
  return new Response(JSON.stringify(problem), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
