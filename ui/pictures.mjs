// Pictures of the page for the docs, in both themes: `node pictures.mjs BOARD FOLDER PAGES`, run by
// tools/write_pictures.py. PAGES is JSON, the name of each picture with the address below BOARD.

import { chromium } from "playwright-core";

const [, , board, folder, pages] = process.argv;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
for (const colorScheme of ["dark", "light"]) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme });
  for (const [name, address] of Object.entries(JSON.parse(pages))) {
    await page.goto(`${board}${address}`);
    await page.waitForLoadState("networkidle").catch(() => undefined);
    await page.waitForTimeout(1000);
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
  await page.close();
}
await browser.close();
