import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ChartColumn, CircleStop, Link2, Play, Printer, Star, Tag, X } from 'lucide-react'
import { useState } from 'react'
import { cancelRun, labelRun } from '../../live/actions'
import type { Follower } from '../../live/follow'
import { isServed } from '../../live/served'
import type { RunItem, RunWhole } from '../../live/shapes.gen'
import { Button, buttonLook } from '../../parts/Button'
import { Facts, LiveMark, Stamp } from '../../parts/Pill'
import { NotDone } from '../../parts/Trouble'
import type { Picture } from '../../trace/picture'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import { LabelDialog } from '../runs/LabelDialog'
import { factsOf } from './limits'
import style from './RunPage.module.css'
import type { RunSearch } from './search'
import { useRunSearch } from './useRunSearch'
import { Warnings } from './Warnings'

interface Props {
  whole: RunWhole
  follower: Follower
  /** Of the moment that is shown. */
  picture: Picture
}

export function RunHeader({ whole, follower, picture }: Props) {
  const { run } = whole
  const [search] = useRunSearch()
  const [labels, setLabels] = useState(false)
  const client = useQueryClient()
  const settled = () => {
    client.invalidateQueries({ queryKey: ['run'] })
    client.invalidateQueries({ queryKey: ['run-list'] })
  }
  const star = useMutation({
    mutationFn: () => labelRun(run.id, { star: run.star ? null : true }),
    onSettled: settled,
  })
  return (
    <header className={style.header}>
      <div className={style.title}>
        <h1 className="ell" title={run.id}>
          {titleOf(run)}
        </h1>
        <Standing run={run} follower={follower} isReplay={search.at !== undefined} />
        {isServed(run.id) && (
          <>
            <button
              type="button"
              className={style.star}
              aria-pressed={run.star}
              aria-label="Star"
              title="Star"
              onClick={() => star.mutate()}
            >
              <Star size={14} strokeWidth={1.5} fill={run.star ? 'currentColor' : 'none'} />
            </button>
            <button
              type="button"
              className={style.star}
              aria-label="Name, tags, note"
              title="Name, tags, note"
              onClick={() => setLabels(true)}
            >
              <Tag size={14} strokeWidth={1.5} />
            </button>
            <NotDone why={star.error} />
          </>
        )}
        <Link
          to="."
          search={((was: RunSearch) => ({ ...was, view: 'report' })) as never}
          className={style.star}
          aria-label="Report to print"
          title="Report to print"
        >
          <Printer size={14} strokeWidth={1.5} />
        </Link>
        <Facts facts={factsOf(run)} />
      </div>
      <div className={style.said}>
        <p className={style.query} title={run.query}>
          “<bdi>{run.query}</bdi>”
        </p>
        <Warnings whole={whole} picture={picture} />
      </div>
      <div className={style.actions}>
        <Actions whole={whole} />
      </div>
      {labels && <LabelDialog runs={[run]} onClose={() => setLabels(false)} onDone={settled} />}
    </header>
  )
}

function Standing({
  run,
  follower,
  isReplay,
}: {
  run: RunItem
  follower: Follower
  isReplay: boolean
}) {
  if (isReplay) return <Stamp>Replay</Stamp>
  if (follower.state === 'live') return <LiveMark />
  if (follower.state === 'loading') return <Stamp>Loading</Stamp>
  const status = follower.status ?? run.status
  if (status === 'running' && follower.state !== 'ended') return <LiveMark>Catching up</LiveMark>
  return (
    <Stamp>
      <StatusGlyph status={status} presumed={run.presumed} />
      {run.presumed ? `presumed ${status}` : status}
    </Stamp>
  )
}

function Actions({ whole }: { whole: RunWhole }) {
  const { run } = whole
  const [search, change] = useRunSearch()
  const go = useNavigate()
  const cancel = useMutation({ mutationFn: () => cancelRun(run.id) })
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(location.href)
    setCopied(true)
  }
  const mayStop =
    isServed(run.id) && search.at === undefined && run.status === 'running' && whole.can_stop
  const replays = search.at !== undefined
  return (
    <>
      {isServed(run.id) && (
        <>
          <Link
            to="/rlm/compare"
            search={{ runs: [run.id] }}
            className={`${buttonLook()} ${style.optional}`}
          >
            <ChartColumn aria-hidden="true" />
            Compare
          </Link>
          <Button onClick={copy} onBlur={() => setCopied(false)}>
            <Link2 aria-hidden="true" />
            {copied ? 'Copied' : 'Copy link'}
          </Button>
        </>
      )}
      {!mayStop && (
        <Button
          onClick={() =>
            replays
              ? change({ at: undefined })
              : go({ to: '.', search: (was) => ({ ...was, tab: undefined, at: 0 }) as never })
          }
        >
          {replays ? <X aria-hidden="true" /> : <Play aria-hidden="true" />}
          {replays ? 'Leave replay' : 'Replay'}
        </Button>
      )}
      {mayStop && (
        <Button
          title="The program is asked to stop, and does when it next looks"
          onClick={() => cancel.mutate()}
          disabled={cancel.isPending || cancel.isSuccess}
        >
          <CircleStop aria-hidden="true" />
          {cancel.isSuccess ? 'Asked, no answer yet' : 'Cancel run'}
        </Button>
      )}
      <NotDone why={cancel.error} />
    </>
  )
}
