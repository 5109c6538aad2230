import type { Page } from 'playwright-core'
import { Scene } from './board'

/**
 * Six runs of an experiment, `doc 0` to `doc 5`: better and dearer with their number, in two chunk
 * sizes, each with five sub-queries of two providers and a curve of six steps, one of which failed;
 * and one run beside.
 */
const RECORD = `
import sys
import rlmboard
from rlmboard.store import Store

home = sys.argv[1]
for n in range(6):
    config = {"method": "rlm-2", "model": "llama-3", "chunk_size": 256 << n % 2, "seed": n}
    with rlmboard.init(f"Question {n}?", home=home, id=f"run-{n}", name=f"doc {n}", config=config,
                       experiment="docs", tags=["nightly"] if n > 3 else []) as run:
        for k in range(5):
            asked = {"provider": f"p-{k % 2}", "model": f"m-{k % 2}", "venue": ("local", "swarm")[k % 2]}
            with run.subquery(f"Part {k}?", **asked) as query:
                if n == 5 and k == 4:
                    query.failed("HTTP 503")
                else:
                    query.returned(f"Answer {k}", cost_sats=1 + n, tokens=(100 + n, 20))
        for step in range(6):
            run.log({"accuracy": 0.3 + n / 20 + step / 20}, step=step)
        run.output = "It does."
with rlmboard.init("Alone?", home=home, id="alone", name="alone", config={"method": "base"}) as run:
    run.output = "Yes."
with Store(home) as store:
    store.count()
`

/** A board with an experiment on it, and a browser to look at it. */
export const experiment = (): Promise<Scene> => Scene.of((home) => home.recorded(RECORD))

/** What is searched for in the address of a page. */
export const searched = (page: Page): URLSearchParams => new URL(page.url()).searchParams
