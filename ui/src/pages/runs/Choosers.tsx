import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import { facetsQuestion } from '../../live/queries'
import { Button } from '../../parts/Button'
import { Menu, MenuItem } from '../../parts/Menu'
import { ColumnChoice } from './ColumnChoice'
import type { Columns } from './choices'
import { KINDS, titleOfColumn, useFirstColumns } from './columns'

/** Config keys and metrics that some run has. */
function useKeysOf(from: 'config' | 'metric'): string[] {
  const { data } = useQuery({ ...facetsQuestion(), staleTime: 60_000 })
  const prefix = from === 'config' ? 'config.' : 'metric.'
  return (data ?? [])
    .filter((facet) => facet.from === from)
    .map((facet) => prefix + facet.key.replace(/^(config|metrics?)\./, ''))
}

export function GroupChoice({
  value,
  onChange,
}: {
  value: string | undefined
  onChange: (group: string | undefined) => void
}) {
  const configs = useKeysOf('config')
  const options = [
    'experiment',
    'status',
    'method',
    'model',
    ...configs.filter(
      (key) =>
        ![
          'config.method',
          'config.model',
          'config.experiment',
          'config.name',
          'config.tags',
        ].includes(key),
    ),
  ]
  return (
    <Menu
      trigger={
        <Button kind="quiet" size="small">
          Group{' '}
          <span className="mono c-accent">{value ? value.replace(/^config\./, '') : 'none'}</span>
          <ChevronDown aria-hidden="true" />
        </Button>
      }
    >
      <MenuItem onSelect={() => onChange(undefined)}>none</MenuItem>
      {options.map((key) => (
        <MenuItem key={key} onSelect={() => onChange(key)}>
          <code>{key.replace(/^config\./, '')}</code>
        </MenuItem>
      ))}
    </Menu>
  )
}

interface ColumnProps {
  columns: Columns
  onChange: (columns: Columns) => void
}

/** Which columns of the run list, in which order, and how many stay when the rest is scrolled. */
export function RunColumnChoice(props: ColumnProps) {
  const first = useFirstColumns()
  return (
    <ColumnChoice {...props} all={useAllColumns()} first={first} titleOf={titleOfColumn} canPin />
  )
}

/** What every run has, then the settings and metrics that some have. */
function useAllColumns(): string[] {
  const configs = useKeysOf('config')
  const metrics = useKeysOf('metric')
  return [...Object.keys(KINDS), ...configs.filter((key) => !(key.slice(7) in KINDS)), ...metrics]
}
