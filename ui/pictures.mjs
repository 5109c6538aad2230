// Pictures of the page for the docs: `node pictures.mjs ADDRESS FOLDER`, run by tools/write_pictures.py.

import { chromium } from "playwright-core";

const [, , address, folder] = process.argv;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
for (const colorScheme of ["dark", "light"]) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme });
  await page.goto(address);
  await page.waitForSelector("canvas");
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${folder}/run-page-${colorScheme}.png` });
  await page.close();
}
await browser.close();
