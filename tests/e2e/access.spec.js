// The page for everybody: axe, keyboard, small screens, both colour schemes.

import axe from "axe-core";
import { expect, expectToFit, settled, test } from "./playground.js";
import { nextSubstep, openChapter } from "./toy.js";

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing serious and nothing overflows, ${colorScheme}, ${width} px`, async ({ playground, page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      for (const mode of ["mnist", "toy"]) {
        await playground.open(`#mode=${mode}&seed=abc&train=1`); // with an alert on the page
        await playground.reachesStep(2);
        await page.getByText("Buttons and settings, one by one").click();
        if (mode === "mnist") {
          await page.getByText("Change the networks and the training").click();
          await expect(page.locator("#edit-generator-count")).toContainText("parameters");
        }
        await page.getByLabel("Seed").fill("-5");
        await page.getByLabel("Seed").press("Enter"); // with a message beside a field
        await playground.pause();
        await expectAccessible(page);
        await expectToFit(page);
        await page.goto("about:blank");
      }
    });
  }
}

test("axe finds nothing serious in the five chapters and nothing overflows, light and dark, 1280 and 390 px", async ({ playground, page }) => {
  await playground.open("#mode=toy&chapter=1");
  await playground.isReady();
  for (let chapter = 1; chapter <= 5; chapter++) {
    await openChapter(page, chapter);
    if (chapter === 5) {
      await page.getByText("Set the thirteen numbers yourself").click();
      await page.getByRole("button", { name: "Match the notebook" }).click();
      await expect(page.getByText("They match.")).toBeVisible();
      for (let i = 0; i < 3; i++) await nextSubstep(page);
      await expect(page.getByText("locked: 0 of 8 changed")).toBeVisible();
    }
    for (const width of [1280, 390]) {
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        // Everything once; of the rest only colours depend on the scheme, and little on the width.
        const rules = width === 1280 && colorScheme === "light" ? undefined : ["color-contrast", "target-size", "scrollable-region-focusable"];
        await expectAccessible(page, "#explainer", rules);
        await expectToFit(page, `chapter ${chapter}, ${width} px`);
      }
    }
  }
  await page.getByRole("region", { name: "All symbols" }).getByRole("button").first().click();
  await expectAccessible(page, "#card");
});

test("axe waits for colours that are on their way from one scheme to the other, however long they take", async ({ playground, page }) => {
  const slow = await page.context().newCDPSession(page);
  await slow.send("Animation.enable");
  await slow.send("Animation.setPlaybackRate", { playbackRate: 0.1 }); // 1.2 s: without waiting, axe finds 8 colours of poor contrast on the way.
  await page.emulateMedia({ colorScheme: "light" });
  await playground.open("#mode=toy&chapter=1");
  await playground.isReady();
  for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, "#explainer", ["color-contrast"]);
  }
});

test("tabs and training work by keyboard alone", async ({ playground, page }) => {
  await playground.open("#mode=mnist");
  await playground.isReady();
  await page.keyboard.press("Tab");
  await expect(playground.tab("MNIST")).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(playground.tab("2×2 faces")).toBeFocused();
  await expect(playground.tab("2×2 faces")).toHaveAttribute("aria-selected", "true");
  await playground.isReady();
  await page.keyboard.press("Tab");
  await expect(playground.button("Train")).toBeFocused();
  await page.keyboard.press("Enter");
  await playground.reachesStep(10);
  await expect(playground.button("Pause")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(playground.button("Train")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(playground.button("Step")).toBeFocused();
  const step = await playground.figure("step");
  await page.keyboard.press("Enter");
  await expect(playground.metric("step")).toHaveText(String(step + 1));
});

test("a phone shows Train and the pictures early", async ({ playground, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await playground.open("#mode=mnist&train=1");
  await playground.reachesStep(1);
  await expect(playground.button("Pause")).toBeInViewport();
  await expect(page.locator('canvas[data-view="samples"]')).toBeInViewport({ ratio: 0.8 });
});

/**
 * @param {import("@playwright/test").Page} page
 * @param {string} [part] selector; all of the page by default
 * @param {string[]} [rules] all of them by default
 */
async function expectAccessible(page, part = "html", rules) {
  await settled(page); // Or axe would see colours on their way from one scheme to the other.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source); // through the debugger: the page's own policy lets no script in
  const { violations } = await page.evaluate(([root, only]) => {
    const options = only ? { runOnly: { type: /** @type {const} */ ("rule"), values: only } } : {};
    return /** @type {typeof axe} */ (Reflect.get(window, "axe")).run(root, options);
  }, /** @type {const} */ ([part, rules]));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
}
