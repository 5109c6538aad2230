import { Trouble } from '../../parts/Trouble'

interface Props {
  error: unknown
  reset: () => void
}

const NOT_LOADED = /dynamically imported module|module script failed|Importing a module/

/** A part of the page that could not be drawn, or whose code the board did not give. */
export function Broken({ error, reset }: Props) {
  const said = error instanceof Error ? error.message : String(error)
  if (!NOT_LOADED.test(said))
    return <Trouble title="This part of the page failed" detail={said} onRetry={reset} />
  return (
    <Trouble
      title="This part of the page could not be loaded"
      detail="The board does not answer, or serves a newer page. Start it if it was stopped; then the page is loaded again."
      // What could not be loaded once is remembered as such until then.
      onRetry={() => location.reload()}
    />
  )
}
