import style from './Command.module.css'
import { CopyButton } from './CopyButton'

interface Props {
  /** What is typed; lines that begin with `$ ` are commands, copied without it. */
  text: string
}

/** Something to type, and to copy. */
export function Command({ text }: Props) {
  const lines = text.split('\n')
  const last = lines.length - 1
  const copied = text.replaceAll(/^\$ /gm, '')
  return (
    <div className={style.command}>
      <pre>
        {lines.map((line, n) => (
          <span key={n}>
            {line.startsWith('$ ') ? (
              <>
                <b>$ </b>
                {line.slice(2)}
              </>
            ) : (
              line
            )}
            {n < last && '\n'}
          </span>
        ))}
      </pre>
      <CopyButton text={copied} label="Copy the command" />
    </div>
  )
}
