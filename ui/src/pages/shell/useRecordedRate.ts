import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { rateQuestion } from '../../live/queries'
import { useRate } from '../../parts/preferences'

const OFTEN_ENOUGH_MS = 300_000

/** Amounts everywhere are shown by the rate that is recorded. */
export function useRecordedRate(): void {
  const { data } = useQuery({ ...rateQuestion(), staleTime: OFTEN_ENOUGH_MS, retry: false })
  useEffect(() => {
    if (data) useRate.setState({ rate: data.rate })
  }, [data])
}
