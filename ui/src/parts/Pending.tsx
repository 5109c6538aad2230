import { Loading } from './Loading'
import { Trouble } from './Trouble'

interface Props {
  rows?: number
  /** Why it does not come. */
  why: Error | null
}

/** In place of what is on its way, or could not be had: it is asked for again by itself. */
export function Pending({ rows, why }: Props) {
  if (!why) return <Loading {...(rows && { rows })} />
  return <Trouble title="This part cannot be shown" detail={`${why.message} The rest is here.`} />
}
