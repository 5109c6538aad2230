import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { restoreRuns } from '../../live/actions'
import { doctorQuestion, homeQuestion } from '../../live/queries'
import type { HomeFacts } from '../../live/shapes.gen'
import { Frame } from '../../parts/Frame'
import { Glyph, type GlyphName } from '../../parts/Glyph'
import { Loading } from '../../parts/Loading'
import type { Currency } from '../../parts/money'
import { bytes, spoken, whole } from '../../parts/numbers'
import { type Density, type Theme, usePreferences } from '../../parts/preferences'
import { Segmented } from '../../parts/Segmented'
import { Switch } from '../../parts/Switch'
import { NotDone, Trouble } from '../../parts/Trouble'
import { useTitle } from '../shell/crumbs'
import { RateSetting } from './RateSetting'
import style from './SettingsPage.module.css'

/** How the page looks, where the runs are, and what could be mended. */
export function SettingsPage() {
  useTitle({ name: 'Settings' })
  const home = useQuery(homeQuestion())
  return (
    <div className={style.page}>
      <h1>Settings</h1>
      <Look />
      <Frame title="Home" note="where the runs are">
        {home.data ? (
          <Home facts={home.data} />
        ) : home.error ? (
          <Trouble
            title="The home cannot be read"
            detail={home.error.message}
            onRetry={() => home.refetch()}
          />
        ) : (
          <Loading />
        )}
      </Frame>
      <Frame title="Exchange rate" note="kept in the home">
        <RateSetting />
      </Frame>
      <Doctor />
    </div>
  )
}

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
]
const DENSITIES: readonly { value: Density; label: string }[] = [
  { value: 'compact', label: 'Compact' },
  { value: 'normal', label: 'Normal' },
  { value: 'roomy', label: 'Roomy' },
]
const CURRENCIES: readonly { value: Currency; label: string }[] = [
  { value: 'sats', label: 'Sats' },
  { value: 'dollars', label: 'Dollars' },
]

function Look() {
  const { theme, density, plainFrames, currency, set } = usePreferences()
  return (
    <Frame title="Look" note="kept in this browser">
      <div className={style.list}>
        <Line name="Theme">
          <Segmented
            label="Theme"
            value={theme}
            options={THEMES}
            onChange={(value) => set({ theme: value })}
          />
        </Line>
        <Line name="Rows">
          <Segmented
            label="Rows"
            value={density}
            options={DENSITIES}
            onChange={(value) => set({ density: value })}
          />
        </Line>
        <Line name="Frames">
          <Switch on={plainFrames} onChange={(on) => set({ plainFrames: on })}>
            Plain, without ticks and graduation
          </Switch>
        </Line>
        <Line
          name="Money first shown in"
          about="What was recorded in the other is converted by the rate below, and marked ≈."
        >
          <Segmented
            label="Currency"
            value={currency}
            options={CURRENCIES}
            onChange={(value) => set({ currency: value })}
          />
        </Line>
      </div>
    </Frame>
  )
}

function Line({
  name,
  about,
  children,
}: {
  name: string
  about?: string
  children: React.ReactNode
}) {
  return (
    <div className={style.line}>
      <span>
        {name}
        {about && <small>{about}</small>}
      </span>
      {children}
    </div>
  )
}

function Home({ facts }: { facts: HomeFacts }) {
  const used = 1 - facts.disk_free_bytes / Math.max(1, facts.disk_bytes)
  return (
    <div className={style.list}>
      {facts.notice && (
        <p className="c-slow" role="alert">
          {facts.notice}
        </p>
      )}
      <Line name="Folder">
        <code className={style.path}>{facts.home}</code>
      </Line>
      <Line name="Runs">
        <span className="num">
          {whole(facts.runs)}
          {facts.live > 0 && `, ${facts.live} live`}
        </span>
      </Line>
      <Line name="Index" about="A cache: it may be deleted at any time.">
        <span className="num">{spoken(bytes(facts.index_bytes))}</span>
      </Line>
      <Line name="Disk">
        <span className="num">
          {spoken(bytes(facts.disk_free_bytes))} free of {spoken(bytes(facts.disk_bytes))},{' '}
          {Math.round(used * 100)} % used
        </span>
      </Line>
      <Line name="rlmboard">
        <span className="num">
          {facts.version}, trace format {facts.format}
        </span>
      </Line>
      {facts.trash.length > 0 && <Trash facts={facts} />}
    </div>
  )
}

function Trash({ facts }: { facts: HomeFacts }) {
  const client = useQueryClient()
  const restore = useMutation({
    mutationFn: (id: string) => restoreRuns([id]),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <Line name="Trash" about="Runs stay here for a week.">
      <ul>
        {facts.trash.map((thrown) => (
          <li key={thrown.run_id}>
            <code>{thrown.run_id}</code>{' '}
            <button type="button" className="lnk" onClick={() => restore.mutate(thrown.run_id)}>
              Take out again
            </button>
          </li>
        ))}
      </ul>
      <NotDone why={restore.error} />
      {restore.data?.refused.map((refusal) => (
        <NotDone key={refusal.run} why={new Error(refusal.why)} />
      ))}
    </Line>
  )
}

const GLYPHS: Record<string, GlyphName> = { fine: 'ok', notice: 'changed', damage: 'fail' }

function Doctor() {
  const { data, error, refetch } = useQuery({ ...doctorQuestion(), staleTime: 0 })
  return (
    <Frame title="Doctor" note="what could be mended">
      {error && !data ? (
        <Trouble
          title="The home could not be examined"
          detail={error.message}
          onRetry={() => refetch()}
        />
      ) : !data ? (
        <Loading rows={3} />
      ) : (
        <ul className={style.list}>
          {data.map((finding) => (
            <li key={finding.subject + finding.text} className={style.finding}>
              <Glyph name={GLYPHS[finding.level] ?? 'unknown'} label={finding.level} />
              <span className="c-3">{finding.subject}</span>
              <span>{finding.text}</span>
            </li>
          ))}
        </ul>
      )}
    </Frame>
  )
}
