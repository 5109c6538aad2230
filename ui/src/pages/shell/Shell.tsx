import { Outlet } from '@tanstack/react-router'
import { useState } from 'react'
import { DropTarget } from '../dropped/DropTarget'
import { useKeys } from '../keys'
import { KeysHelp } from './KeysHelp'
import { Palette } from './Palette'
import { Rail, TabBar } from './Rail'
import style from './Shell.module.css'
import { TopBar } from './TopBar'
import { useJumps } from './useJumps'
import { useRecordedRate } from './useRecordedRate'
import { useReportLook } from './useReportLook'
import { useReturn } from './useReturn'

/** What stands around every page. */
export function Shell() {
  const [above, setAbove] = useState<'palette' | 'keys' | null>(null)
  const isReport = useReportLook()
  const jumps = useJumps()
  useReturn()
  useRecordedRate()
  useKeys({
    ...jumps,
    'mod+k': () => setAbove('palette'),
    '?': () => setAbove('keys'),
  })
  if (isReport)
    return (
      <main className={style.report}>
        <Outlet />
      </main>
    )
  return (
    <div className={style.shell}>
      <a className={style.skip} href="#main">
        Skip to the page
      </a>
      <Rail />
      <TopBar onSearch={() => setAbove('palette')} />
      <main className={style.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <TabBar />
      <DropTarget />
      {above === 'palette' && <Palette onClose={() => setAbove(null)} />}
      {above === 'keys' && <KeysHelp onClose={() => setAbove(null)} />}
    </div>
  )
}
