/** Code in nearly one colour: words of the language bold, comments and strings quieter. */
export type TokenKind = 'plain' | 'word' | 'comment' | 'string' | 'number'
export interface Token {
  kind: TokenKind
  text: string
}

const WORDS = new Set(
  'abstract and as assert async await break case catch class const continue crate def default del do elif else enum except export extends extern finally fn for from func function global go if impl implements import in interface is lambda let loop match mod module mut namespace new not null or package pass private protected pub public raise return self static struct super switch this throw trait try type typedef unsafe use using var void where while with yield None True False true false nil'.split(
    ' ',
  ),
)
const HASH_COMMENTS = new Set([
  'python',
  'py',
  'bash',
  'sh',
  'shell',
  'toml',
  'yaml',
  'yml',
  'ruby',
  'rb',
  'r',
  'make',
  'makefile',
  'dockerfile',
])
const PROSE = new Set(['markdown', 'md', 'text', 'txt', 'rst', ''])

const SLASHED =
  /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`?)|(\b\d[\w.]*\b)|([A-Za-z_]\w*)/g
const HASHED =
  /(#[^\n]*)|("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(\b\d[\w.]*\b)|([A-Za-z_]\w*)/g

/** The text in pieces; put together they are the text. */
export function highlight(text: string, language: string | null): Token[] {
  const name = (language ?? '').toLowerCase()
  if (PROSE.has(name)) return [{ kind: 'plain', text }]
  const tokens: Token[] = []
  let last = 0
  for (const found of text.matchAll(HASH_COMMENTS.has(name) ? HASHED : SLASHED)) {
    const kind = kindOf(found)
    if (kind === 'plain') continue
    if (found.index > last) tokens.push({ kind: 'plain', text: text.slice(last, found.index) })
    tokens.push({ kind, text: found[0] })
    last = found.index + found[0].length
  }
  if (last < text.length) tokens.push({ kind: 'plain', text: text.slice(last) })
  return tokens
}

function kindOf([, comment, string, number, word]: RegExpMatchArray): TokenKind {
  if (comment !== undefined) return 'comment'
  if (string !== undefined) return 'string'
  if (number !== undefined) return 'number'
  return word !== undefined && WORDS.has(word) ? 'word' : 'plain'
}

/** Tokens line by line, so that each line can be numbered and marked. */
export function highlightedLines(text: string, language: string | null): Token[][] {
  const lines: Token[][] = [[]]
  for (const token of highlight(text, language)) {
    token.text.split('\n').forEach((part, n) => {
      if (n > 0) lines.push([])
      if (part) lines.at(-1)?.push({ kind: token.kind, text: part })
    })
  }
  return lines
}

/** What a text most likely is. */
export function guessed(text: string): 'json' | 'code' | 'markdown' {
  const start = text.trimStart()
  if (/^[[{]/.test(start) && isJson(start)) return 'json'
  if (/^(#{1,4} |[-*] |\d+\. |```)/m.test(text) || /\*\*[^*]+\*\*/.test(text)) return 'markdown'
  return 'code'
}

function isJson(text: string): boolean {
  if (text.length > 500_000) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON indented, or the text as it stands where it is none. */
export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
