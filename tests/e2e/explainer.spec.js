// A learner goes through the chapters of the 2×2 world: what each of them claims, against arithmetic of our own.

import { expect, settled, test } from "./playground.js";
import { difference, heldNumbers, losses, make, NUMBERS, numbersIn, openChapter, rowsOf, score, sigmoid } from "./toy.js";

const FACES = [[1, 0, 0, 1], [0.9, 0.1, 0.2, 0.8], [0.9, 0.2, 0.1, 0.8], [0.8, 0.1, 0.2, 0.9], [0.8, 0.2, 0.1, 0.9]];

test("chapter 1 shows faces and noise with their values; a drawn face is trained on, also after a reset", async ({ playground, page }) => {
  await playground.open("#mode=toy");
  await playground.isReady();
  const gallery = (/** @type {string} */ name) => page.getByRole("list", { name, exact: true }).getByRole("img");
  await expect(gallery("Faces")).toHaveCount(5);
  const shown = await gallery("Faces").allTextContents();
  expect(shown).toEqual(FACES.map((face) => face.map((value) => value.toFixed(2)).join("")));
  const noise = await gallery("Noise").allTextContents();
  expect(noise.length).toBeGreaterThanOrEqual(5);
  for (const text of noise) for (const value of text.match(/\d\.\d\d/g) ?? []) expect(Number(value)).toBeLessThanOrEqual(1);
  await page.getByRole("button", { name: "Re-roll the noise" }).click();
  await expect.poll(() => gallery("Noise").allTextContents()).not.toEqual(noise);

  const pixel = (/** @type {string} */ name) => page.getByRole("slider", { name: `Ink at ${name}` });
  await pixel("top left").press("End");
  await pixel("top right").press("Home");
  await pixel("top right").press("ArrowUp");
  await expect(pixel("top right")).toHaveText("0.05");
  await settled(page);
  const box = await pixel("bottom left").boundingBox();
  if (!box) throw new Error("the pixel is on the screen");
  await page.mouse.move(box.x + 40, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 40, box.y, { steps: 4 });
  await page.mouse.up();
  await expect(pixel("bottom left")).toHaveText("0.35"); // 40 of 160 pixels are a quarter more than 0.10.
  const real = await playground.pixels("real");
  await page.getByRole("button", { name: "Add to the training set" }).click();
  await expect(playground.metric("dataset")).toHaveText("2×2 faces, 6 of 6 images");
  await expect.poll(() => playground.pixels("real")).not.toBe(real);
  await expect(gallery("Faces").last()).toHaveAccessibleName("Your face 1: top left 1.00, top right 0.05, bottom left 0.35, bottom right 0.85");
  await playground.step("Step", 1);
  await playground.button("Reset").click();
  await expect(playground.metric("step")).toHaveText("0");
  await expect(playground.metric("dataset")).toHaveText("2×2 faces, 6 of 6 images");
  await page.getByRole("button", { name: "Remove your face 1" }).click();
  await expect(playground.metric("dataset")).toHaveText("2×2 faces, 5 of 5 images");
});

test("chapter 2: sums, verdicts and probabilities follow the weights and the threshold", async ({ playground, page }) => {
  await playground.open("#mode=toy&chapter=2");
  await playground.isReady();
  const rows = page.getByRole("region", { name: "Scorecard" }).locator("tbody tr");
  await expect(rows).toHaveCount(13);
  const weight = (/** @type {string} */ name) => page.getByRole("slider", { name: `Weight of ${name}` });
  const threshold = page.getByRole("slider", { name: /^Threshold/ });

  await check([1, -1, -1, 1], 1);
  await weight("top left").press("ArrowUp");
  await weight("bottom left").press("PageDown");
  await check([1.1, -1, -1.4, 1], 1);
  await threshold.fill("0.5");
  await check([1.1, -1, -1.4, 1], 0.5);
  await weight("bottom right").scrollIntoViewIfNeeded();
  await settled(page);
  const box = await weight("bottom right").boundingBox();
  if (!box) throw new Error("the weight is on the screen");
  const [left, top] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(left, top);
  await page.mouse.down();
  await page.mouse.move(left, top + 40, { steps: 4 }); // 40 of 160 pixels are a quarter of -4 to 4
  await page.mouse.up();
  await check([1.1, -1, -1.4, -1], 0.5);
  await weight("bottom right").press("End");
  for (const key of [...Array.from({ length: 7 }, () => "PageDown"), "ArrowDown", "ArrowDown"]) await weight("bottom right").press(key);
  await check([1.1, -1, -1.4, 1], 0.5);
  await page.getByRole("slider", { name: "Bias of the discriminator" }).press("ArrowUp"); // a threshold 0.1 lower
  await check([1.1, -1, -1.4, 1], 0.4);
  await page.getByRole("button", { name: "Back to" }).click();
  await check([1, -1, -1, 1], 1);

  /**
   * @param {number[]} w
   * @param {number} t
   */
  async function check(w, t) {
    await expect(weight("top left")).toHaveAttribute("aria-valuenow", String(w[0]));
    await expect.poll(() => expected(w, t), { message: "every row of the scorecard" }).toEqual([]);
  }

  /**
   * @param {number[]} w
   * @param {number} t
   * @returns {Promise<string[]>} what is wrong on the scorecard
   */
  async function expected(w, t) {
    const wrong = [];
    const called = { face: 0, noise: 0 };
    let misses = 0;
    for (const { label: name, text, numbers: [shownSum, p] } of await rowsOf(page.getByRole("region", { name: "Scorecard" }))) {
      const x = (name.match(/\d\.\d\d/g) ?? []).map(Number);
      const sum = w.reduce((total, one, i) => total + one * x[i], 0);
      const isFace = name.startsWith("Face");
      if (sum > t) called[isFace ? "face" : "noise"] += 1;
      if (sum > t !== isFace) misses += 1;
      if (Math.abs(shownSum - sum) > 0.0051) wrong.push(`${name}: sum ${shownSum}, not ${sum}`);
      if (Math.abs(p - sigmoid(sum - t)) > 0.00051) wrong.push(`${name}: p ${p}, not ${sigmoid(sum - t)}`);
      if (text.includes("no face") !== (sum <= t)) wrong.push(`${name}: ${text}`);
      if (text.includes("miss") !== (sum > t !== isFace)) wrong.push(`${name}: ${text}`);
    }
    const summary = `Called a face: ${called.face} of 5 faces and ${called.noise} of 8 noise pictures. ${misses} miss${misses === 1 ? "" : "es"}.`;
    if (!(await page.getByText(summary).isVisible())) wrong.push(`no summary “${summary}”`);
    return wrong;
  }
});

test("chapter 3: the generator by hand makes a face of every z; another one does not", async ({ playground, page }) => {
  await playground.open("#mode=toy&chapter=3");
  await playground.isReady();
  const row = page.getByRole("list", { name: "Pictures for z from 0 to 1" }).getByRole("listitem");
  await expect(page.getByText("11 of 11 pictures are faces by your rule.")).toBeVisible();
  const numbers = { v: [1, -1, -1, 1], c: [2, -2, -2, 2], w: [1, -1, -1, 1], b: -1 };
  for (let i = 0; i <= 10; i++) {
    const picture = make(numbers, i / 10);
    await expect(row.nth(i).getByRole("img")).toHaveText(picture.map((value) => value.toFixed(2)).join(""));
    await expect.poll(async () => Math.abs((await numbersIn(row.nth(i)))[0] - score(numbers, picture))).toBeLessThanOrEqual(0.0051);
  }
  await page.getByRole("slider", { name: /^z =/ }).fill("0.25");
  await expect(page.getByRole("img", { name: /^The picture for z 0\.25/ })).toHaveText(make(numbers, 0.25).map((value) => value.toFixed(2)).join(""));
  await page.getByRole("button", { name: /^Not quite/ }).click();
  await expect(page.getByText("10 of 11 pictures are faces by your rule.")).toBeVisible(); // All but z = 0: the bound is ln 3 - 1 = 0.0986.
  await page.getByRole("button", { name: /^Upside down/ }).click();
  await expect(page.getByText("0 of 11 pictures are faces by your rule.")).toBeVisible();
  await page.getByRole("slider", { name: "Bias of top left" }).press("End");
  await expect(page.getByText("0 of 11 pictures are faces by your rule.")).toBeVisible();
});

for (const [seed, steps] of [[42, 0], [7, 3], [123, 400]]) {
  test(`chapter 4: every derivative is the slope of the error, seed ${seed} after ${steps} steps`, async ({ playground, page }) => {
    await playground.open(`#mode=toy&chapter=5&seed=${seed}${steps > 10 ? "&train=1" : ""}`);
    if (steps > 10) {
      await playground.reachesStep(steps);
      await playground.pause();
    } else {
      await playground.isReady();
      for (let i = 0; i < steps; i++) await playground.step("Step", 1);
    }
    const numbers = await heldNumbers(page);
    await openChapter(page, 4);
    await page.getByLabel("Face x").selectOption({ index: 2 });
    await page.getByRole("slider", { name: /^z =/ }).fill("0.65");
    const [face, z] = [FACES[2], 0.65];
    const probability = (/** @type {number} */ p) => p.toFixed(4);
    await expect(page.getByText(`D(x) = ${probability(score(numbers, face))}`).first()).toBeVisible();
    await expect(page.getByText(new RegExp(`D.s error on the fake is .*= ${losses(numbers, face, z).fake.toFixed(4)}`))).toBeVisible();
    for (const [part, name, signs] of /** @type {const} */ ([
      ["real", "Slopes of D’s error on the face", /^[wb]/], ["fake", "Slopes of D’s error on the fake", /^[wb]/], ["generated", "Slopes of G’s error", /^[vc]/],
    ])) {
      const rows = await rowsOf(page.getByRole("region", { name }));
      for (const { sign } of NUMBERS.filter((number) => signs.test(number.sign))) {
        const expected = difference(numbers, sign, (at) => losses(at, face, z)[part]);
        const [chain, engine, quotient] = rows.find((row) => row.name === sign)?.numbers ?? [];
        // Shown with 5, 5 and 4 decimals; a quotient of f32 losses adds 2e-5 (tests/core.rs).
        expect(Math.abs(chain - expected), `${part} ${sign}, chain rule`).toBeLessThan(1e-5);
        expect(Math.abs(engine - expected), `${part} ${sign}, engine`).toBeLessThan(1e-5);
        expect(Math.abs(quotient - expected), `${part} ${sign}, difference`).toBeLessThan(8e-5);
      }
    }
  });
}

test("chapter 4: one step in slow motion goes down its slope, and leaves the GAN alone", async ({ playground, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await playground.open("#mode=toy&chapter=5");
  await playground.isReady();
  const numbers = await heldNumbers(page);
  await openChapter(page, 4);
  await page.getByLabel("Number", { exact: true }).selectOption("w₃ of D");
  const loss = (/** @type {import("./toy.js").Thirteen} */ at) => losses(at, FACES[0], 0.4).real + losses(at, FACES[0], 0.4).fake;
  const to = numbers.w[2] - difference(numbers, "w₃", loss);
  await page.getByRole("button", { name: "One step downhill" }).click();
  await expect(page.getByText(/^w₃ ← /)).toContainText(`= ${to.toFixed(3)}. The error went from ${loss(numbers).toFixed(4)} to `);
  await openChapter(page, 5);
  expect(await heldNumbers(page)).toEqual(numbers);
});

test("a card tells meaning, formula, value and effect, by keyboard and by touch", async ({ playground, page }) => {
  await playground.open("#mode=toy");
  await playground.isReady();
  const symbols = page.getByRole("region", { name: "All symbols" }).getByRole("button");
  await expect.poll(() => symbols.count()).toBeGreaterThanOrEqual(12);
  const card = page.getByRole("dialog");
  for (const symbol of await symbols.all()) {
    await symbol.focus();
    await page.keyboard.press("Enter");
    await expect(card).toBeVisible();
    await expect(card.locator("dd")).toHaveCount(4);
    for (const text of await card.locator("dd").allTextContents()) expect(text.length).toBeGreaterThan(3);
    await page.keyboard.press("Escape");
    await expect(card).toBeHidden();
    await expect(symbol).toBeFocused();
  }
  await symbols.first().click();
  await expect(card).toContainText("the chosen face is 1.000, 0.000, 0.000, 1.000");
  await card.getByRole("button", { name: "Close" }).click();
  await expect(card).toBeHidden();
});

test("the explainer is loaded where it is needed, and a link opens its chapter", async ({ playground, page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => request.url().includes("/explainer/") && asked.push(request.url()));
  await playground.open("#mode=mnist");
  await playground.isReady();
  expect(asked).toEqual([]);
  await playground.tab("2×2 faces").click();
  await expect(page.getByRole("heading", { level: 2, name: "1. Faces and noise" })).toBeVisible();
  await expect.poll(() => asked.length).toBeGreaterThan(5);
  await page.getByRole("link", { name: "3. A generator by hand" }).click();
  await expect(page).toHaveURL(/mode=toy&seed=42&chapter=3/);
  await page.reload();
  await expect(page.getByRole("heading", { level: 2, name: "3. A generator by hand" })).toBeVisible();
});

test("from chapter 1 to a trained step by keyboard alone", async ({ playground, page }) => {
  await playground.open("#mode=toy");
  await playground.isReady();
  await page.keyboard.press("Tab");
  await tabTo(/^Ink at top left$/);
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("slider", { name: "Ink at top left" })).toHaveText("0.95");
  for (const [chapter, slider] of /** @type {const} */ ([[2, "Weight of top left"], [3, "Weight to top left"], [4, "z = 0.40"]])) {
    await tabTo(/^Next: /);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 2, name: new RegExp(`^${chapter}\\. `) })).toBeFocused();
    await tabTo(new RegExp(`^${slider}`));
    await page.keyboard.press("ArrowRight");
  }
  await tabTo(/^Next: Training$/);
  await page.keyboard.press("Enter");
  await tabTo(/^Next substep$/);
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("ArrowRight");
    await expect(page.locator('[aria-current="step"]')).toHaveCount(1);
  }
  await expect(playground.metric("step")).toHaveText("1");
  await expect(page).toHaveURL(/chapter=5/);

  /** @param {RegExp} name */
  async function tabTo(name) {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        const at = /** @type {HTMLInputElement | null} */ (document.activeElement);
        return (at?.getAttribute("aria-label") ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? "").trim();
      });
      if (name.test(focused)) return;
    }
    throw new Error(`80 tabs did not lead to ${name}`);
  }
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("a finger drags pixels and weights, and the page stays where it is", async ({ playground, page }) => {
    const touch = await page.context().newCDPSession(page);
    /**
     * @param {import("@playwright/test").Locator} slider
     * @param {number} down CSS pixels that the finger moves down
     * @returns {Promise<{value: number, scrolled: number}>} what it stands at then, and how far the page moved
     */
    const drag = async (slider, down) => {
      await slider.scrollIntoViewIfNeeded();
      await settled(page);
      const box = await slider.boundingBox();
      if (!box) throw new Error("the slider is on the screen");
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const before = await page.evaluate(() => scrollY);
      await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
      for (let i = 1; i <= 8; i++) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [{ x, y: y + (down * i) / 8 }] });
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      await settled(page);
      return { value: Number(await slider.getAttribute("aria-valuenow")), scrolled: (await page.evaluate(() => scrollY)) - before };
    };
    await playground.open("#mode=toy");
    await playground.isReady();
    const pixel = await drag(page.getByRole("slider", { name: "Ink at top left" }), 40);
    expect(pixel.value).toBeCloseTo(0.9 - 40 / 160, 2); // 160 pixels are all the ink there is.
    expect(pixel.scrolled).toBe(0);

    await openChapter(page, 2);
    const weight = await drag(page.getByRole("slider", { name: "Weight of top left" }), -40);
    expect(weight.value).toBeGreaterThan(1);
    expect(weight.scrolled).toBe(0);
  });
});
