import { useRouterState } from '@tanstack/react-router'
import { useLayoutEffect } from 'react'
import { showAs } from '../../parts/preferences'

/** Whether the page is a report: light, with nothing around it and nothing to be pressed. */
export function useReportLook(): boolean {
  const search = useRouterState({ select: (state) => state.location.search }) as { view?: string }
  const isReport = search.view === 'report'
  useLayoutEffect(() => showAs(isReport ? 'report' : 'page'), [isReport])
  return isReport
}
