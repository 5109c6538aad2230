import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Home } from './board'
import { PYTHON } from './places'

const ROOT = resolve(import.meta.dirname, '../..')
const QUESTION = 'What happens when the disk is full?'

const TELL = `
import sys, pathlib
import rlmboard

home = sys.argv[1]
kept = pathlib.Path(home, "table.csv")
kept.write_text("a,b\\n")
for n, name in enumerate(("told", "told-too", "told-thrice")):
    config = {"model": "m-1", "chunk_size": 256 * (n + 1), "budget_sats": 100, "quorum": "90%"}
    with rlmboard.init("What was told?", home=home, id=name, config=config, tags=["nightly"],
                       experiment="stories") as run:
        for step in range(5):
            run.log({"accuracy": 0.5 + step / 10 + n / 100}, step=step)
        run.artifact(str(kept))
        run.score("quality", 0.5, scorer="ada")
        for k in range(6):
            with run.subquery(f"Prompt {k}", id=f"q-{k}", provider=f"provider-{k % 2}") as q:
                q.returned(f"Answer {k}", cost_sats=1, tokens=(10, 2))
        run.subquery("Prompt", id="q-fails", provider="provider-0").failed("no answer")
        run.subquery("Prompt", id="q-late", provider="provider-1").timed_out(900.0)
        run.output = "It was told."
`

/** What a newcomer has after `make demo`, and three runs of a program: with all that a page can show. */
export function demo(home: Home): void {
  const sources = join(home.path, 'sources')
  cpSync(join(ROOT, 'docs'), sources, { recursive: true })
  asked(home, sources, ['--provider', 'extractive'])
  asked(home, sources, [
    ...['--provider', 'simulated', '--fanout', '24', '--budget', '200'],
    ...['--quorum', '0.95', '--per-query-timeout', '2', '--seed', '7'],
  ])
  home.recorded(TELL)
}

/** The source of the first sentence of an answer is not what it was: that sentence lacks evidence. */
export function unproven(home: Home, path: string): void {
  const file = join(home.path, 'sources', path)
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/full/g, 'empty'))
}

export function erased(home: Home, path: string): void {
  rmSync(join(home.path, 'sources', path))
}

function asked(home: Home, sources: string, how: readonly string[]): void {
  const command = ['run', QUESTION, sources, '--experiment', 'demo', ...how]
  const done = spawnSync(join(dirname(PYTHON), 'rlmboard'), command, {
    env: { ...process.env, RLMBOARD_HOME: home.path, CI: 'true' },
    encoding: 'utf8',
    cwd: home.path,
  })
  if (done.status !== 0) throw new Error(done.stderr)
}
