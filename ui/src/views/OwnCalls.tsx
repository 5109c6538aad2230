import { Frame } from '../parts/Frame'
import { Glyph } from '../parts/Glyph'
import { whole } from '../parts/numbers'
import { Empty } from '../parts/Trouble'
import type { Picture } from '../trace/picture'
import { callsOf } from './calls'
import style from './gauges.module.css'

interface Props {
  picture: Picture
  hasEnded: boolean
}

/** What a run did that asked no sub-queries and no quorum: as an agent that works alone. */
export function OwnCalls({ picture, hasEnded }: Props) {
  const kinds = callsOf(picture)
  return (
    <Frame title="Calls" note={kinds.length > 0 && 'no sub-queries'}>
      {kinds.length === 0 ? (
        <Empty title="Nothing was asked yet." />
      ) : (
        <table className={style.calls}>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Returned</th>
              <th scope="col">{hasEnded ? 'Left open' : 'In flight'}</th>
              <th scope="col">Failed</th>
            </tr>
          </thead>
          <tbody>
            {kinds.map(({ name, returned, open, other }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{whole(returned)}</td>
                <td>{whole(open)}</td>
                <td className={other > 0 ? 'c-fail' : undefined}>
                  {other > 0 && <Glyph name="fail" />} {whole(other)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Frame>
  )
}
