// The same page with WebGPU on Chromium's software adapter (SwiftShader): slow, so a few steps have to do.

import { expect, test } from "./playground.js";

test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...(launchOptions.args ?? []), "--enable-unsafe-webgpu"] }) });

test.beforeEach(async ({ page, site }) => {
  await page.goto(site);
  const adapter = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
  test.skip(!adapter, "this Chromium has no WebGPU adapter, not even a software one");
});

/**
 * Both losses as shown; four printed digits may round differently.
 * @param {string} onGpu
 * @param {string} onCpu
 */
function expectSameLosses(onGpu, onCpu) {
  const [gpu, cpu] = [onGpu, onCpu].map((text) => text.split(" ").map(Number));
  cpu.forEach((loss, i) => expect(Math.abs(loss - gpu[i])).toBeLessThanOrEqual(0.0002));
}

test("auto leaves a software adapter alone and says so", async ({ playground, page }) => {
  await page.goto("about:blank");
  await playground.open("#mode=mnist");
  await playground.isReady();
  await expect(playground.metric("backend")).toHaveText("CPU (WASM SIMD)");
  await expect(page.locator("#device-reason")).toHaveText(/only WebGPU adapter is a software one .* so it trains on the CPU/);
});

test("webgpu takes a software adapter, trains on it, and there is a way back", async ({ playground, page }) => {
  test.setTimeout(600_000);
  await page.goto("about:blank");
  await playground.open("#mode=toy&backend=webgpu");
  await expect(playground.metric("backend")).toHaveText(/^WebGPU \(.+\)$/, { timeout: 120_000 });
  await expect(page.locator("#device-reason")).toContainText("slow");
  await playground.isReady();
  await playground.button("Step").click();
  await expect(playground.metric("step")).toHaveText("1", { timeout: 120_000 });
  expect(await playground.figure("loss-d")).toBeGreaterThan(0);
  const onGpu = await playground.losses();

  await page.getByLabel("Device").selectOption("cpu");
  await expect(playground.metric("backend")).toHaveText("CPU (WASM SIMD)");
  await playground.isReady();
  await playground.step("Step", 1);
  const onCpu = await playground.losses();
  expectSameLosses(onGpu, onCpu); // Same seed, same first losses.
});

test("the page begins on the CPU while the WebGPU trainer loads, and takes along what was set and asked for", async ({ playground, page }) => {
  test.setTimeout(600_000);
  await page.goto("about:blank");
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(null)));
  await page.route("**/pkg/webgpu/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  await playground.open("#mode=mnist&preset=mnist-fast&backend=webgpu");
  await playground.isReady();
  await expect(playground.metric("backend")).toHaveText("CPU (WASM SIMD)");
  await expect(page.locator("#device-reason")).toHaveText(/^The trainer for WebGPU \(.+\) is loading; until it is here, the CPU shows what there is\.$/);
  const untrained = await playground.pixels("samples");
  await page.getByLabel("Discriminator learning rate").fill("0.001");
  await page.getByLabel("Batch size").fill("32");
  await playground.button("Train").click();
  await expect(playground.status).toHaveText(/^The trainer for WebGPU \(.+\) is loading\. Training begins by itself\.$/);
  await playground.pause();
  await playground.button("Step").click();
  await expect(playground.status).toHaveText(/The step follows by itself\.$/);
  expect(await playground.figure("step")).toBe(0);
  expect(await playground.pixels("samples")).toBe(untrained);

  release();
  await expect(playground.metric("step")).toHaveText("1", { timeout: 120_000 });
  await expect(playground.metric("backend")).toHaveText(/^WebGPU \(.+\)$/);
  await expect(page.getByLabel("Discriminator learning rate")).toHaveValue("0.001");
  await playground.step("Step", 1);
  const onGpu = await playground.losses();

  // As if it had been there from the first: the weights, the order of the images and the latents are those of a run on the CPU alone.
  await page.goto("about:blank");
  await playground.open("#mode=mnist&preset=mnist-fast&backend=cpu&lrD=0.001&batch=32");
  await playground.isReady();
  await playground.step("Step", 1);
  await playground.step("Step", 1);
  expectSameLosses(onGpu, await playground.losses());
});

test("a WebGPU trainer that cannot be loaded falls back to the CPU and says so", async ({ playground, page }) => {
  await page.goto("about:blank");
  await page.route("**/pkg/webgpu/*.js", (route) => route.fulfill({ status: 404, body: "" }));
  await playground.open("#mode=toy&backend=webgpu");
  await playground.isReady();
  await expect(playground.metric("backend")).toHaveText("CPU (WASM SIMD)");
  await expect(page.locator("#device-reason")).toHaveText(/WebGPU did not start \(.+\), so it trains on the CPU/);
  await playground.step("Step", 1);
});

test("both devices can be compared, and the run stays as it was", async ({ playground, page }) => {
  test.setTimeout(600_000);
  await page.goto("about:blank");
  await playground.open("#mode=toy");
  await playground.isReady();
  await playground.step("Step", 1);
  await playground.button("Which is faster here?").click();
  const times = /^CPU [\d.,]+ ms a step, WebGPU \(.+\) [\d.,]+ ms: the CPU is [\d.,]+ times as fast here\.$/;
  await expect(playground.status).toHaveText(times, { timeout: 130_000 });
  await expect(playground.metric("step")).toHaveText("1");
  await playground.step("Step", 1);
});
