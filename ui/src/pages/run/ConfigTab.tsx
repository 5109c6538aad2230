import type { RunWhole } from '../../live/shapes.gen'
import { CopyButton } from '../../parts/CopyButton'
import { Frame } from '../../parts/Frame'
import { bytes, spoken } from '../../parts/numbers'
import { inFull } from '../../parts/times'
import { withoutCodes } from '../../trace/terminal'
import style from './ConfigTab.module.css'

/** What the run was told, who ran it, where and with what. */
export function ConfigTab({ whole }: { whole: RunWhole }) {
  const { run } = whole
  const config = Object.entries(run.config)
  return (
    <div className={style.page}>
      <Frame
        title="Config"
        actions={<CopyButton text={JSON.stringify(run.config, null, 2)} label="Copy as JSON" />}
      >
        <Pairs pairs={config.map(([key, value]) => [key, plain(value)])} />
      </Frame>
      <div className={style.right}>
        <Frame title="Where and who">
          <Pairs
            pairs={[
              ['id', run.id],
              ['begun', inFull(run.created_at_ms)],
              ['ended', run.ended_at ? inFull(Date.parse(run.ended_at)) : null],
              ['by', run.user],
              ['host', run.host],
              ['process', whole.pid === null ? null : String(whole.pid)],
              ['producer', run.producer],
              [
                'git',
                run.git_sha &&
                  `${run.git_sha.slice(0, 12)}${run.git_branch ? ` on ${run.git_branch}` : ''}${run.git_dirty ? ', with changes not committed' : ''}`,
              ],
              ['root', whole.root],
              ['working folder', whole.cwd],
              ['command', whole.argv.join(' ')],
              ['python', whole.python],
              ['platform', whole.platform],
              ['rlmboard', whole.rlmboard],
              [
                'payloads',
                `${whole.payloads}, ${spoken(bytes(whole.payload_bytes))}${whole.pruned_at ? `, removed ${whole.pruned_at}` : ''}`,
              ],
            ]}
          />
        </Frame>
        {whole.packages && (
          <Frame title="Packages" note={`${Object.keys(whole.packages).length}`}>
            <div className={style.packages} tabIndex={0} role="group" aria-label="Packages">
              <Pairs pairs={Object.entries(whole.packages)} />
            </div>
          </Frame>
        )}
      </div>
    </div>
  )
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

function Pairs({ pairs }: { pairs: readonly (readonly [string, string | null])[] }) {
  return (
    <dl className={style.pairs}>
      {pairs.flatMap(([name, value]) =>
        value === null || value === ''
          ? []
          : [
              <div key={name}>
                <dt>{name}</dt>
                <dd>{withoutCodes(value)}</dd>
              </div>,
            ],
      )}
    </dl>
  )
}
