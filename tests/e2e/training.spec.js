// A person trains: MNIST and the toy, on the CPU of a browser without a WebGPU adapter.

import { expect, test } from "./playground.js";

test("MNIST trains: the pictures change, the figures move, and no data are missing", async ({ playground }) => {
  await playground.open();
  await expect(playground.tab("MNIST")).toHaveAttribute("aria-selected", "true");
  await playground.isReady();
  await expect(playground.metric("step")).toHaveText("0");
  await expect(playground.metric("loss-d")).toHaveText("–");
  const [before, real] = [await playground.pixels("samples"), await playground.pixels("real")];

  await playground.button("Train").click();
  await expect(playground.button("Pause")).toBeVisible();
  await playground.reachesStep(20);
  await expect(playground.status).toContainText("Training");
  expect(await playground.pixels("samples")).not.toBe(before);
  expect(await playground.pixels("real")).toBe(real);
  for (const name of ["loss-d", "loss-g", "score-real", "score-fake", "steps-per-second", "epoch"]) {
    await expect.poll(() => playground.figure(name), { message: name }).toBeGreaterThan(0);
  }
  // A D that is ahead, as it may be this early, rounds to 1.0000.
  expect(await playground.figure("score-real")).toBeLessThanOrEqual(1);
  await expect(playground.metric("dataset")).toHaveText("MNIST, 60,000 of 60,000 images");
  await expect(playground.page.getByText("Generator", { exact: true })).toBeVisible();
  await expect(playground.alert).toBeEmpty();
});

test("pause really pauses, and training goes on where it was", async ({ playground }) => {
  await playground.open("#mode=mnist&train=1");
  await playground.reachesStep(3);
  await playground.pause();
  const step = await playground.metric("step").textContent();
  const pixels = await playground.pixels("samples");
  await expect(playground.metric("steps-per-second")).toHaveText("–");
  await expect(playground.status).toContainText(`Paused at step ${step}`);
  await playground.page.waitForTimeout(1500); // Long enough for dozens of steps, if any were taken.
  await expect(playground.metric("step")).toHaveText(String(step));
  expect(await playground.pixels("samples")).toBe(pixels);
  await playground.button("Train").click();
  await playground.reachesStep(Number(step) + 2);
});

test("Step adds exactly one; a phase alone moves its own player, and two make a step", async ({ playground }) => {
  await playground.open();
  await playground.isReady();
  await playground.step("Step", 1);
  await playground.step("Step", 1);
  const pixels = await playground.pixels("samples");

  await playground.step("Discriminator step", 0);
  await expect(playground.metric("step")).toHaveText("2");
  expect(await playground.pixels("samples"), "a discriminator step leaves the generator as it is").toBe(pixels);

  await playground.step("Generator step", 0);
  await expect(playground.metric("step")).toHaveText("3"); // With D's phase before it, that makes one whole step.
  await expect.poll(() => playground.pixels("samples")).not.toBe(pixels);
});

test("a step button pauses a run that trains", async ({ playground }) => {
  await playground.open("#mode=toy&train=1");
  await playground.reachesStep(10);
  await playground.button("Step").click();
  await expect(playground.button("Train")).toBeVisible();
  const step = await playground.figure("step");
  await playground.step("Step", 1);
  expect(await playground.figure("step")).toBe(step + 1);
});

test("Reset starts at step 0 and repeats the same losses; another seed gives others", async ({ playground }) => {
  await playground.open("#mode=mnist&seed=7");
  await playground.isReady();
  const first = await threeSteps();
  const start = await startOver();
  expect(await threeSteps()).toEqual(first);
  expect(await startOver()).toBe(start);
  expect(await threeSteps()).toEqual(first);

  await playground.page.getByLabel("Seed").fill("8");
  await playground.page.getByLabel("Seed").press("Enter");
  await expect(playground.page.getByText("Still seed 7; press Reset to use 8.")).toBeVisible();
  expect(await startOver()).not.toBe(start);
  expect(await threeSteps()).not.toEqual(first);
  await expect(playground.page).toHaveURL(/seed=8/);

  /** @returns {Promise<string[]>} */
  async function threeSteps() {
    const losses = [];
    for (let i = 0; i < 3; i++) {
      await playground.step("Step", 1);
      losses.push(await playground.losses());
    }
    return losses;
  }

  /** @returns {Promise<string>} the untrained pictures */
  async function startOver() {
    const before = await playground.pixels("samples");
    await playground.button("Reset").click();
    await expect(playground.metric("step")).toHaveText("0");
    await expect(playground.metric("loss-d")).toHaveText("–");
    await playground.isReady();
    await expect.poll(() => playground.pixels("samples")).not.toBe(before);
    return playground.pixels("samples");
  }
});

test("learning rates and batch size change while it trains; bad values are refused beside the field", async ({ playground }) => {
  const { page } = playground;
  await playground.open("#mode=mnist&train=1");
  await playground.reachesStep(2);
  const rate = page.getByLabel("Generator learning rate");
  await rate.fill("0.0005");
  await rate.press("Enter");
  const batch = page.getByLabel("Batch size");
  await batch.fill("16");
  await batch.press("Enter");
  const step = await playground.figure("step");
  await playground.reachesStep(step + 2);
  await expect(page).toHaveURL(/lrG=0\.0005/);
  await expect(page).toHaveURL(/batch=16/);

  await rate.fill("99");
  await rate.press("Enter");
  await expect(rate).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByText(/Generator learning rate must be a number from .* too large\. Nothing was changed\./)).toBeVisible();
  await expect(page).toHaveURL(/lrG=0\.0005/);
  await expect(playground.button("Pause")).toBeVisible();
  await rate.fill("0.0002");
  await rate.press("Enter");
  await expect(rate).not.toHaveAttribute("aria-invalid");
});

test("the toy learns its diagonal, and shows all thirteen numbers", async ({ playground }) => {
  const { page } = playground;
  await playground.open("#mode=toy&train=1");
  await expect(playground.tab("2×2 faces")).toHaveAttribute("aria-selected", "true");
  await playground.reachesStep(1);
  // Dark at the top left and the bottom right, light elsewhere: by 40 of 255 at least, in every one of the 64 faces.
  await expect.poll(async () => {
    const faces = await playground.faces();
    return faces.filter(([tl, tr, bl, br]) => Math.min(tl, br) > Math.max(tr, bl) + 40).length;
  }, { timeout: 90_000 }).toBe(64);
  await playground.pause();
  const numbers = page.locator("[data-parameter]");
  await expect(numbers).toHaveCount(13);
  for (const text of await numbers.allTextContents()) expect(text).toMatch(/^-?\d+\.\d{3}$/);
  await expect(playground.metric("dataset")).toHaveText("2×2 faces, 5 of 5 images");
  await expect(page.getByLabel("Batch size")).toHaveValue("1");
});

test("a mode that is left pauses and keeps what it learned", async ({ playground }) => {
  await playground.open("#mode=mnist&train=1");
  await playground.reachesStep(2);
  await playground.openTab("2×2 faces");
  await playground.isReady();
  await playground.button("Train").click();
  await playground.reachesStep(10);
  await playground.openTab("MNIST");
  await expect(playground.button("Train")).toBeVisible();
  await expect(playground.status).toContainText("Paused at step");
  const step = await playground.figure("step");
  expect(step).toBeGreaterThanOrEqual(2);
  await playground.page.waitForTimeout(1000);
  expect(await playground.figure("step")).toBe(step);
  await playground.step("Step", 1);
});

test("the page never freezes for more than 200 ms while it loads and trains", async ({ playground }) => {
  await playground.page.addInitScript(() => {
    const durations = /** @type {number[]} */ (Reflect.set(window, "longTasks", []) && Reflect.get(window, "longTasks"));
    new PerformanceObserver((list) => durations.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask", buffered: true });
  });
  await playground.open("#mode=mnist&train=1");
  await playground.reachesStep(30);
  await playground.openTab("2×2 faces");
  await playground.isReady();
  await playground.button("Train").click();
  await playground.reachesStep(3000);
  const durations = /** @type {number[]} */ (await playground.page.evaluate(() => Reflect.get(window, "longTasks")));
  expect(Math.max(0, ...durations)).toBeLessThanOrEqual(200);
});
