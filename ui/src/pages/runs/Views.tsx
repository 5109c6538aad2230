import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useState } from 'react'
import { removeView, saveView } from '../../live/actions'
import { runsQuestion, viewsQuestion } from '../../live/queries'
import type { View } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Dialog } from '../../parts/Dialog'
import { Field } from '../../parts/Field'
import { whole } from '../../parts/numbers'
import { NotDone } from '../../parts/Trouble'
import labels from './LabelDialog.module.css'
import { askedFilter, type RunsSearch, runsSearch } from './search'
import style from './Views.module.css'

const GIVEN: readonly { name: string; search: RunsSearch }[] = [
  { name: 'This week', search: { filter: 'since:7d' } },
  { name: 'Needs a look', search: { filter: 'status:failed,interrupted' } },
  { name: 'Starred', search: { filter: 'star:true' } },
  { name: 'Archived', search: { filter: 'archived:true' } },
]

/** Ways of looking at the runs: some that are always there, and those that were saved. */
export function Views({ search, total }: { search: RunsSearch; total: number | null }) {
  // Another tab may save and remove them too.
  const { data } = useQuery({ ...viewsQuestion(), refetchInterval: 3_000 })
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: removeView,
    onSettled: () => client.invalidateQueries({ queryKey: ['views'] }),
  })
  const saved = (data ?? []).filter((view) => view.page === 'runs')
  return (
    <nav className={style.views} aria-label="Views">
      <One name="All" search={{}} here={search} count={total} />
      {GIVEN.map((view) => (
        <Counted key={view.name} {...view} here={search} />
      ))}
      {saved.map((view) => (
        <span key={view.slug} className={style.saved}>
          <Counted name={view.name} search={searchOf(view)} here={search} />
          <button
            type="button"
            aria-label={`Remove the view ${view.name}`}
            onClick={() => remove.mutate(view.slug)}
          >
            <X size={11} />
          </button>
        </span>
      ))}
      <NotDone why={remove.error} />
    </nav>
  )
}

const searchOf = (view: View): RunsSearch => runsSearch({ ...view.state, filter: view.filter })

function Counted({ name, search, here }: { name: string; search: RunsSearch; here: RunsSearch }) {
  const { data } = useQuery({
    ...runsQuestion({ filter: askedFilter(search), limit: 1 }),
    staleTime: 30_000,
  })
  return <One name={name} search={search} here={here} count={data?.count ?? null} />
}

interface OneProps {
  name: string
  search: RunsSearch
  here: RunsSearch
  count: number | null
}

function One({ name, search, here, count }: OneProps) {
  const isHere = VIEWED.every((part) => (here[part] ?? '') === (search[part] ?? ''))
  return (
    <Link
      to="/rlm/runs"
      search={search}
      activeOptions={{ exact: true, includeSearch: true }}
      activeProps={{ 'aria-current': undefined }}
      {...(isHere && { 'aria-current': 'page' as const })}
    >
      {name} {count !== null && <span className="num">{whole(count)}</span>}
    </Link>
  )
}

/** What makes a view another: the order and the columns may be changed within one. */
const VIEWED = ['filter', 'group'] as const

/** Keeps filter, order, columns and grouping under a name. */
export function SaveView({ search }: { search: RunsSearch }) {
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => {
      const { filter, ...state } = search
      return saveView(slugOf(name), {
        name,
        filter: filter ?? '',
        page: 'runs',
        state: { ...state },
      })
    },
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ['views'] })
      setOpen(false)
      setName('')
    },
  })
  if (Object.keys(search).length === 0) return null
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        Save view
      </Button>
      {isOpen && (
        <Dialog label="Save this view" onClose={() => setOpen(false)}>
          <form
            className={labels.form}
            onSubmit={(event) => {
              event.preventDefault()
              save.mutate()
            }}
          >
            <h2>Save this view</h2>
            <Field
              label="Name"
              value={name}
              onChange={setName}
              hint="filter, order, columns and grouping are kept"
            />
            {save.error && (
              <p className="c-fail" role="alert">
                {save.error.message}
              </p>
            )}
            <div className={labels.buttons}>
              <Button onClick={() => setOpen(false)}>Leave it</Button>
              <Button kind="primary" type="submit" disabled={!slugOf(name) || save.isPending}>
                Save
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  )
}

/** A name as part of an address. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
