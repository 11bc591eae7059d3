// Takes pictures of the page at work, to look at and for the README:
//   node tests/e2e/screenshots.js [folder] [steps of MNIST and Fashion-MNIST]

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import config from "../../playwright.config.js";
import { Playground, settled } from "./playground.js";
import { serveDist } from "./server.js";

const [folder = "test-results/screenshots", mnistSteps = "300"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const site = await serveDist();
const browser = await chromium.launch(config.use?.launchOptions);

for (const [mode, steps] of /** @type {const} */ ([["mnist", mnistSteps], ["fashion", mnistSteps], ["toy", "1"]])) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const playground = new Playground(page, site.url);
  await playground.open(`#mode=${mode}&train=1`);
  while ((await playground.figure("step")) < Number(steps)) await page.waitForTimeout(200);
  if (mode === "toy") await takeApart(page);
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : mode === "toy" ? 1120 : 800 });
      await settled(page); // The pictures are drawn at their new size, in their new colours.
      await page.screenshot({ path: join(folder, `${mode}-${width}-${colorScheme}.png`) });
      await page.screenshot({ path: join(folder, `${mode}-${width}-${colorScheme}-whole.png`), fullPage: true });
    }
  }
  await context.close();
}

await browser.close();
await site.close();

/**
 * The notebook's 5,000 steps, then a step up to where D learns from a fake.
 * @param {import("@playwright/test").Page} page
 */
async function takeApart(page) {
  await page.getByRole("button", { name: "Match the notebook" }).click();
  await page.getByText("They match.").waitFor();
  for (let i = 0; i < 7; i++) await page.getByRole("button", { name: "Next substep" }).click();
  await page.getByRole("listitem").filter({ hasText: "D learns" }).and(page.locator('[aria-current="step"]')).waitFor();
  await page.getByText("−log(1 − D(x′)) was").waitFor();
  await page.evaluate(() => scrollTo(0, 0));
}
