import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scene } from './board'
import { isThere } from './places'

const RECORD = `
import subprocess, sys
from pathlib import Path
import rlmboard

home, source = sys.argv[1:]
folder = Path(source)
folder.mkdir()
lines = ["impl Default for Config {", "    fn default() -> Self {", "        Self {",
         "            depth: 3,", "            quorum: 0.80,", "            budget: 100,",
         "        }", "    }", "}"]
file = folder / "config.rs"
file.write_text("\\n".join(["use crate::Gate;", ""] + lines + [""]))
def git(*words):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder,
                   check=True, stdout=subprocess.DEVNULL)
git("init", "-q")
git("add", ".")
git("commit", "-qm", "first")
with rlmboard.init("What is the quorum?", home=home, id="cited", root=str(folder)) as run:
    span = rlmboard.cite(file, 3, 11)
    run.output = f"It is 0.80 [{span.id}]."
    run.span_refs = [span]
file.write_text(file.read_text().replace("use crate::Gate;", "use crate::Gate;\\nuse std::fmt;")
                .replace("quorum: 0.80", "quorum: 0.75"))
`

describe.skipIf(!isThere)('evidence whose source has changed', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await Scene.of((home) => home.recorded(RECORD, join(home.path, 'source')))
  })
  afterAll(() => scene?.close())

  it('shows what was cited against what stands there now, word by word', async () => {
    const page = await scene.browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(30_000)
    await page.goto(`${scene.address}/runs/cited?tab=answer&cite=1`)
    const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Source' }) })
    await panel.locator('del').first().waitFor()
    expect((await panel.locator('del').allTextContents()).join('')).toContain('80')
    expect((await panel.locator('ins').allTextContents()).join('')).toContain('75')
    const lines = await panel.locator('pre > div').allTextContents()
    expect(lines.find((line) => line.includes('depth: 3'))).not.toMatch(/was|is now/)
    await panel.getByRole('button', { name: 'Recorded' }).click()
    await panel.getByText('quorum: 0.80').waitFor()
    expect(await panel.getByText('quorum: 0.75').count()).toBe(0)
    await page.close()
  })
})
