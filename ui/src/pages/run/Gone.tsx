import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { restoreRuns } from '../../live/actions'
import { ask, part } from '../../live/api'
import { homeQuestion } from '../../live/queries'
import { Button } from '../../parts/Button'
import { NotDone, Trouble } from '../../parts/Trouble'

const LOOKS_MS = 2000

interface Props {
  id: string
  /** Whether it stood on this page before. */
  wasHere: boolean
  onBack: () => void
}

/** A run that is not there: from where it comes back, if it does. */
export function Gone({ id, wasHere, onBack }: Props) {
  const home = useQuery({ ...homeQuestion(), staleTime: 0, refetchInterval: LOOKS_MS })
  const isThrown = home.data?.trash.some((thrown) => thrown.run_id === id) ?? false
  useReturn(id, onBack)
  return (
    <>
      <h1 className="sr">{wasHere ? 'This run was deleted' : 'There is no such run'}</h1>
      <Trouble
        title={wasHere ? 'This run was deleted' : 'There is no such run'}
        detail={
          <>
            {isThrown ? (
              <Restore id={id} onDone={onBack} />
            ) : (
              <>
                Its folder is neither among the runs nor in the trash
                {home.data ? (
                  <>
                    {' '}
                    of <code>{home.data.home}</code>
                  </>
                ) : null}
                .{' '}
              </>
            )}
            <Link to="/rlm/runs" className="lnk">
              All other runs are here
            </Link>
          </>
        }
      />
    </>
  )
}

function Restore({ id, onDone }: { id: string; onDone: () => void }) {
  const restore = useMutation({
    mutationFn: () => restoreRuns([id]),
    onSuccess: ({ refused }) => refused.length === 0 && onDone(),
  })
  const why = restore.data?.refused[0]?.why
  return (
    <>
      It lies in the trash, from where it can be taken for a week.{' '}
      <Button size="small" onClick={() => restore.mutate()} disabled={restore.isPending}>
        Take it out again
      </Button>{' '}
      <NotDone why={restore.error ?? (why ? new Error(why) : null)} />
    </>
  )
}

/** Somebody else may bring it back. */
function useReturn(id: string, onBack: () => void): void {
  const { data } = useQuery({
    queryKey: ['return', id],
    queryFn: ({ signal }) => ask(`runs/${part(id)}`, {}, signal),
    refetchInterval: LOOKS_MS,
    retry: false,
    gcTime: 0,
  })
  useEffect(() => {
    if (data) onBack()
  }, [data, onBack])
}
