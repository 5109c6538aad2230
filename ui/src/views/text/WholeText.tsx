import { useQueries } from '@tanstack/react-query'
import { BoardError } from '../../live/api'
import { payloadQuestion } from '../../live/queries'
import { isServed } from '../../live/served'
import type { Text } from '../../live/shapes.gen'
import type { Ref } from '../../trace/columns'
import style from '../SubQueryDetail.module.css'
import { Reader } from './Reader'

interface Props {
  run: string
  title: string
  /** What the trace itself has of it. */
  preview: string | null
  /** Where the whole text is; a list for messages one after the other. */
  payload: Ref | null
  /** Of code, which is shown as such. */
  language: string | null
}

/** A text that is kept beside the trace: whole where it can be had, else its preview, and why. */
export function WholeText({ run, title, preview, payload, language }: Props) {
  const hashes = payload === null ? [] : typeof payload === 'string' ? [payload] : payload
  const parts = useQueries({
    queries: hashes.map((sha256) => ({ ...payloadQuestion(run, sha256), retry: false })),
  })
  if (parts.some((part) => part.isPending)) return <p className={style.source}>Loading</p>
  const text = put(
    preview ?? '',
    hashes,
    parts.map((part) => part.data),
    stateOf(run, parts.find((part) => part.error)?.error),
  )
  return (
    <section>
      <Reader text={text} language={language ?? undefined}>
        <h3 className="lbl">{title}</h3>
      </Reader>
    </section>
  )
}

function put(
  preview: string,
  hashes: readonly string[],
  parts: readonly (string | undefined)[],
  state: Text['state'],
): Text {
  const sha256 = hashes.length === 1 ? hashes[0] : null
  if (hashes.length === 0)
    return { sha256, text: preview, bytes: null, state: isCut(preview) ? 'preview' : 'whole' }
  const isWhole = parts.every((part) => part !== undefined)
  const text = isWhole ? parts.join('\n\n') : preview
  return { sha256, text, bytes: null, state: isWhole ? 'whole' : state }
}

/** Previews are cut with these. */
const isCut = (preview: string): boolean => preview.endsWith('...')

function stateOf(run: string, why: Error | null | undefined): Text['state'] {
  if (why instanceof BoardError && why.problem.type === 'removed') return 'removed'
  return isServed(run) ? 'lost' : 'preview'
}
