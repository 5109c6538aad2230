/** Codes for terminals: they colour and move there, and mean nothing on a page. */

const CODES = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-_]/g

export const withoutCodes = (text: string): string => text.replaceAll(CODES, '')

/** Fields in which people, models and programs say something: not names, by which things are found. */
const SAID = new Set([
  'query',
  'output',
  'message',
  'error_message',
  'note',
  'text',
  'detail',
  'description',
  'prompt_preview',
  'result_preview',
])

/** JSON as a page shows it: what is said comes without codes, names come as they are. */
export function readPlain(json: string): unknown {
  if (!json.includes('\\u001b')) return JSON.parse(json)
  return JSON.parse(json, (name, value) =>
    typeof value === 'string' && SAID.has(name) ? withoutCodes(value) : value,
  )
}
