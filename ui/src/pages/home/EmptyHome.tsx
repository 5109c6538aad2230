import { Command } from '../../parts/Command'
import { Frame } from '../../parts/Frame'
import { Glyph, type GlyphName } from '../../parts/Glyph'
import style from './EmptyHome.module.css'
import { Ghost } from './Ghost'

const STEPS = [
  {
    title: 'See one within a minute',
    about: 'Reads this repository with no model and no network, then again over a simulated swarm.',
    text: '$ make demo',
  },
  {
    title: 'Ask about your own files',
    about: 'Splits, fans out, collects, checks every citation. Stops at the budget.',
    text: '$ rlmboard run "Where can a reservation leak?" src/ --budget 100\n$ pylon rlm "Where can a reservation leak?" --log',
  },
  {
    title: 'Record a program you have',
    about: 'One append per event. If recording fails, your program goes on.',
    text: 'import rlmboard\nwith rlmboard.init("Where can a reservation leak?") as run:\n    with run.subquery("What does chunk 1 say?", provider="ollama") as q:\n        q.returned("…", tokens=(812, 64))\n    run.log({"accuracy": 0.84})',
  },
] as const

/** Before the first run: what makes one, and what will be seen. */
export function EmptyHome({ home }: { home: string }) {
  return (
    <div className={style.page}>
      <Frame title="Start" className={style.start}>
        <div className={style.go}>
          <div>
            <h1>No runs yet</h1>
            <p className="c-2">
              Any one of these makes the first. Everything stays in one folder on this machine.
            </p>
          </div>
          {STEPS.map((step) => (
            <div key={step.title} className={style.step}>
              <div>
                <h2>{step.title}</h2>
                <p>{step.about}</p>
              </div>
              <Command text={step.text} />
            </div>
          ))}
          <div className={style.watch}>
            <span className={style.dot} />
            <span>
              Watching <code>{home}/runs</code>
            </span>
            <span className="c-3">a run shows here with its first event</span>
          </div>
        </div>
      </Frame>
      <Side />
    </div>
  )
}

const SHAPES: readonly [GlyphName, string][] = [
  ['ok', 'Returned'],
  ['run', 'In flight'],
  ['slow', 'Timed out'],
  ['fail', 'Failed'],
]

function Side() {
  return (
    <div className={style.side}>
      <Hint title="What you will see">
        <Ghost />
        <p>Each bar is one try of a sub-query at one provider. Its shape tells how it ended.</p>
        <div className={style.keys}>
          {SHAPES.map(([name, words]) => (
            <span key={name} className={`c-${name}`}>
              <Glyph name={name} /> {words}
            </span>
          ))}
        </div>
      </Hint>
      <Hint title="Providers">
        <p>
          None has answered yet. The built-in <code>extractive</code> one needs no set-up.
        </p>
        <Command text='$ rlmboard run "…" --provider ollama:llama3' />
      </Hint>
      <Hint title="Experiments">
        <p>Runs that share a name are compared.</p>
        <Command text='$ rlmboard run "…" --experiment first' />
      </Hint>
      <Hint title="Spend and failures">
        <p>
          Nothing spent, nothing failed. A cost that no provider reports is shown as{' '}
          <span className="unk">unknown</span>, never as 0.
        </p>
      </Hint>
    </div>
  )
}

function Hint({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Frame title={title}>
      <div className={style.ghost}>{children}</div>
    </Frame>
  )
}
