import style from './Footnote.module.css'

/** Small print below a report: facts by name; those that are not known are left out. */
export function Footnote({ facts }: { facts: readonly (readonly [string, string | null])[] }) {
  return (
    <footer className={style.foot}>
      <dl>
        {facts.map(
          ([name, fact]) =>
            fact && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{fact}</dd>
              </div>
            ),
        )}
      </dl>
    </footer>
  )
}
