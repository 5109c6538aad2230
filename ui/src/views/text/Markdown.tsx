import Markdown from 'markdown-to-jsx'
import type { ReactNode } from 'react'
import style from './text.module.css'

/** Any other link would lead into the board, or run something. */
const LEADS_OUT = /^(https?|mailto):/i

const OPTIONS = {
  // What a model wrote is text: its HTML is shown, never obeyed, and its images are not fetched.
  disableParsingRawHTML: true,
  overrides: {
    img: ({ alt, src }: { alt?: string; src?: string }): ReactNode => (
      <code>{`![${alt ?? ''}](${src ?? ''})`}</code>
    ),
    a: ({ href, children }: { href?: string; children?: ReactNode }): ReactNode =>
      href !== undefined && LEADS_OUT.test(href) ? (
        <a href={href} className="lnk" rel="noreferrer noopener" target="_blank">
          {children}
        </a>
      ) : (
        children
      ),
  },
} as const

export function MarkdownText({ text }: { text: string }) {
  return (
    <div className={style.markdown} dir="auto">
      <Markdown options={OPTIONS}>{text}</Markdown>
    </div>
  )
}
