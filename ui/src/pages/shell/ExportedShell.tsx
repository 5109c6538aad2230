import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { Bitcoin, Contrast, DollarSign } from 'lucide-react'
import { useState } from 'react'
import { exported } from '../../live/exported'
import { otherThan, rateSaid } from '../../parts/money'
import { usePreferences, useRate } from '../../parts/preferences'
import { Trouble } from '../../parts/Trouble'
import { inFull } from '../../parts/times'
import { useKeys } from '../keys'
import { useCrumbs } from './crumbs'
import style from './ExportedShell.module.css'
import { KeysHelp } from './KeysHelp'
import { turnTheme } from './Rail'
import { useRecordedRate } from './useRecordedRate'
import { useReportLook } from './useReportLook'

const opening = (exported?.opens ?? '/').split('?')[0]

/** What stands around an exported page: what it is, and no way to a board that is not there. */
export function ExportedShell() {
  const [isHelp, setHelp] = useState(false)
  useRecordedRate()
  useReportLook()
  useKeys({ t: turnTheme, '?': () => setHelp(true) })
  return (
    <div className={style.shell}>
      <header className={style.top}>
        <Whereabouts />
        <p className={style.notice} role="note">
          {exported && noticeOf(exported)}
        </p>
        <TurnCurrency />
        <button type="button" aria-label="Turn the theme" title="Theme (t)" onClick={turnTheme}>
          <Contrast size={16} strokeWidth={1.5} aria-hidden />
        </button>
      </header>
      <main className={style.main} id="main" tabIndex={-1}>
        {useIsInFile() ? <Outlet /> : <NotExported />}
      </main>
      {isHelp && <KeysHelp onClose={() => setHelp(false)} />}
    </div>
  )
}

/** The other currency first: an exported page has no settings. Nothing where no rate is in it. */
function TurnCurrency() {
  const { currency, set } = usePreferences()
  const { rate } = useRate()
  if (rate === null) return null
  const other = otherThan(currency)
  return (
    <button
      type="button"
      aria-label={`Show costs in ${other}`}
      title={`Show costs in ${other}, at ${rateSaid(rate)}`}
      onClick={() => set({ currency: other })}
    >
      {other === 'dollars' ? (
        <DollarSign size={16} strokeWidth={1.5} aria-hidden />
      ) : (
        <Bitcoin size={16} strokeWidth={1.5} aria-hidden />
      )}
    </button>
  )
}

/** Whether the file has this page: what it opens, and each of its runs. */
function useIsInFile(): boolean {
  const path = useRouterState({ select: (state) => state.location.pathname })
  if (exported?.of === 'comparison' && /^\/rlm\/compare/.test(path)) return true
  const run = /^\/rlm\/runs\/([^/]+)$/.exec(path)?.[1]
  if (run !== undefined && exported?.runs.includes(decodeURIComponent(run))) return true
  return decodeURI(path) === decodeURI(opening)
}

/** The way back to the page that the file shows first, else where one is. */
function Whereabouts() {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const here = useCrumbs().at(-1)?.name
  const isFirst = decodeURI(path) === decodeURI(opening)
  return (
    <div className={style.crumbs}>
      {!isFirst && (
        <>
          <Link to={opening as '/'} className="lnk">
            {exported?.title}
          </Link>
          <span aria-hidden="true">/</span>
        </>
      )}
      <b className="ell">{here}</b>
    </div>
  )
}

export function noticeOf(page: NonNullable<typeof exported>): string {
  const texts = page.payloads
    ? 'with whole prompts, answers and sources'
    : page.of === 'run'
      ? 'without whole prompts, answers and sources: previews only'
      : 'without the prompts and answers of its runs'
  return `Exported ${inFull(Date.parse(page.at))}, ${texts}. ${belowOf(page)}It shows what was known then.`
}

/** Of a run: which of those that it began are in the file. */
function belowOf({ of, runs, left_out }: NonNullable<typeof exported>): string {
  const more = runs.length - 1
  if (of !== 'run' || (more === 0 && left_out === 0)) return ''
  const inside = `${more} ${more === 1 ? 'run' : 'runs'} below it ${more === 1 ? 'is' : 'are'} in it`
  return left_out === 0 ? `${inside}. ` : `${inside}, ${left_out} left out as too large. `
}

/** Where a link of an exported page leads out of it. */
function NotExported() {
  return (
    <Trouble
      title="This is not in the exported page"
      detail={
        <>
          It has {exported?.of === 'run' ? 'one run and those below it' : 'one comparison'}; the
          board that made it has the rest.{' '}
          <Link to={opening as '/'} className="lnk">
            Back to what was exported
          </Link>
        </>
      }
    />
  )
}
