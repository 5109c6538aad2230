import { useQuery } from '@tanstack/react-query'
import { address, part } from '../../live/api'
import { artifactsQuestion } from '../../live/queries'
import { isServed } from '../../live/served'
import type { RunWhole } from '../../live/shapes.gen'
import { Command } from '../../parts/Command'
import { Frame } from '../../parts/Frame'
import { Loading } from '../../parts/Loading'
import { bytes, spoken } from '../../parts/numbers'
import { Empty, Trouble } from '../../parts/Trouble'
import style from './ListTab.module.css'

/** Files that the run kept. */
export function ArtifactsTab({ whole, at_us }: { whole: RunWhole; at_us: number | null }) {
  const { id } = whole.run
  const { data: known, error, refetch } = useQuery(artifactsQuestion(id))
  const data =
    at_us === null ? known : known?.filter(({ timestamp_ms }) => timestamp_ms * 1000 <= at_us)
  if (error)
    return (
      <Trouble
        title="The artifacts cannot be listed"
        detail={error.message}
        onRetry={() => refetch()}
      />
    )
  return (
    <Frame title="Artifacts" note={data && `${data.length}`}>
      {!data ? (
        <Loading />
      ) : data.length === 0 && known?.length ? (
        <Empty title="This run had kept no file yet at this moment." />
      ) : data.length === 0 ? (
        <Empty title="This run kept no files. A program keeps one so:">
          <Command text='run.artifact("table.csv", path="out/table.csv")' />
        </Empty>
      ) : (
        <ul className={style.list}>
          {data.map((kept) => (
            <li key={kept.seq}>
              {kept.state === 'whole' && isServed(id) ? (
                <a
                  className="lnk"
                  href={address(`runs/${part(id)}/artifacts/${part(kept.sha256)}`)}
                  download={kept.name}
                >
                  {kept.name}
                </a>
              ) : (
                <span>
                  {kept.name}{' '}
                  {isServed(id) && (
                    <span className="c-fail" title="It is not where the trace says">
                      lost
                    </span>
                  )}
                </span>
              )}
              <span className="c-3">{kept.media_type ?? ''}</span>
              <span className="num">{spoken(bytes(kept.bytes))}</span>
              <code className="ell c-3" title={kept.sha256}>
                {kept.sha256.slice(0, 16)}
              </code>
            </li>
          ))}
        </ul>
      )}
    </Frame>
  )
}
