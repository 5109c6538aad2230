import { useNavigate } from '@tanstack/react-router'
import type { Keys } from '../keys'
import { turnTheme } from './Rail'

/** The keys that lead from anywhere to anywhere. */
export function useJumps(): Keys {
  const go = useNavigate()
  return {
    'g h': () => go({ to: '/rlm' }),
    'g r': () => go({ to: '/rlm/runs' }),
    'g e': () => go({ to: '/rlm/experiments' }),
    'g p': () => go({ to: '/rlm/providers' }),
    'g s': () => go({ to: '/rlm/settings' }),
    t: turnTheme,
  }
}
