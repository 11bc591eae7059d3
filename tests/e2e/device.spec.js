// Which device trains, what the page says about it, and what happens when it fails. Here: Chromium without a WebGPU adapter.

import { expect, test } from "./playground.js";

test("without WebGPU it trains on the CPU and says why", async ({ playground }) => {
  await playground.open();
  await playground.isReady();
  await expect(playground.metric("backend")).toHaveText("CPU (WASM SIMD)");
  await expect(playground.page.locator("#device-reason")).toHaveText(/No WebGPU adapter answered|This browser has no WebGPU/);
  await expect(playground.status).toContainText("so it trains on the CPU");
});

test("asked for WebGPU without an adapter, it trains on the CPU and says so", async ({ playground }) => {
  await playground.open("#mode=toy&backend=webgpu&train=1");
  await playground.reachesStep(5);
  await expect(playground.metric("backend")).toHaveText("CPU (WASM SIMD)");
  await expect(playground.page.locator("#device-reason")).toHaveText(/You asked for WebGPU, but .* so it trains on the CPU/);
});

test("another device starts the run anew and the page lives on, there and back", async ({ playground }) => {
  const { page } = playground;
  await playground.open("#mode=mnist");
  await playground.isReady();
  await playground.step("Step", 1);
  const losses = await playground.losses();
  for (const device of ["cpu", "webgpu", "auto"]) {
    await page.getByLabel("Device").selectOption(device);
    await expect(playground.metric("step")).toHaveText("0");
    await expect(playground.status).toContainText("Starting anew from seed 42");
    await playground.isReady();
    await playground.step("Step", 1);
    expect(await playground.losses()).toBe(losses); // all three are the CPU here, and equal seeds give equal runs
  }
});

test("a run that trains goes on training on the chosen device", async ({ playground }) => {
  await playground.open("#mode=toy&train=1");
  await playground.reachesStep(20);
  await playground.page.getByLabel("Device").selectOption("cpu");
  await expect(playground.page.locator("#device-reason")).toContainText("You chose the CPU");
  await playground.reachesStep(20);
  await expect(playground.button("Pause")).toBeVisible();
});

test("a trainer that cannot be loaded is told, and Reset tries again", async ({ playground }) => {
  const { page } = playground;
  await page.route("**/pkg/cpu*/*.wasm", (route) => route.fulfill({ status: 404, body: "" }));
  await playground.open("#mode=toy");
  await expect(playground.alert).toContainText("The trainer stopped");
  await expect(playground.button("Train")).toBeDisabled();
  await page.unrouteAll();
  await playground.button("Reset this run").click();
  await playground.isReady();
  await expect(playground.alert).toBeEmpty();
  await playground.step("Step", 1);
  playground.errors.length = 0; // wasm-bindgen's own words about the failed download; what counts is the alert
});

test("a trainer that panics is told, and Reset starts the run anew", async ({ playground }) => {
  const { page } = playground;
  // Stands in for a panic in wasm, which reaches JavaScript as this very error.
  const trap = `
    let left = 5;
    for (const name of ["step", "stepWith"]) {
      const step = Session.prototype[name];
      Session.prototype[name] = function (...rest) {
        if (left-- === 0) throw new WebAssembly.RuntimeError("unreachable");
        return step.apply(this, rest);
      };
    }`;
  await page.route("**/pkg/cpu*/gan_playground.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()) + trap });
  });
  await playground.open("#mode=toy&seed=3&train=1");
  await expect(playground.alert).toContainText("The trainer stopped: RuntimeError: unreachable");
  await expect(playground.button("Train")).toBeDisabled();
  await page.unrouteAll();
  await playground.button("Reset this run").click();
  await playground.isReady();
  await expect(playground.alert).toBeEmpty();
  await expect(page.getByLabel("Seed")).toHaveValue("3");
  for (let i = 0; i < 7; i++) await playground.step("Step", 1);
});

test("a far too high learning rate ends in words, not in a dead page", async ({ playground }) => {
  const { page } = playground;
  await playground.open("#mode=mnist&lrG=1&lrD=1&train=1");
  // Either it goes on with finite losses or it says that it came apart; it must not show a figure that is none.
  const cameApart = async () => /came apart/.test((await playground.alert.textContent()) ?? "");
  await expect.poll(async () => (await playground.figure("step")) > 30 || (await cameApart())).toBe(true);
  expect(await playground.losses()).not.toMatch(/NaN|Infinity/);
  await playground.button("Reset").click();
  await expect(playground.metric("step")).toHaveText("0");
  await page.getByLabel("Generator learning rate").fill("0.001");
});

test("a host without the package for relaxed SIMD serves the plain one", async ({ playground, page }) => {
  await page.route("**/pkg/cpu-fma/**", (route) => route.fulfill({ status: 404, body: "" }));
  const plain = page.waitForRequest("**/pkg/cpu/*.wasm");
  await playground.open("#mode=toy");
  await plain;
  await playground.isReady();
  await playground.step("Step", 1);
  await expect(playground.alert).toBeEmpty();
});

test("the toy fetches WebGPU's files ahead where there is a GPU for the other modes", async ({ playground, page }) => {
  // Stands in for a hardware adapter, which answers but is not used.
  await page.route("**/device.js", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/return \{ kind: "no(Api|Adapter)" \};/g, 'return { kind: "adapter", software: false, name: "made up" };');
    await route.fulfill({ response, body });
  });
  /** @type {string[]} */
  const fetched = [];
  page.on("requestfinished", (request) => fetched.push(request.url().split("/").slice(-2).join("/")));
  await playground.open("#mode=toy");
  await playground.isReady();
  await expect(playground.metric("backend")).toHaveText("CPU (WASM SIMD)");
  await expect.poll(() => fetched).toEqual(expect.arrayContaining(["webgpu/gan_playground.js", "webgpu/gan_playground_bg.wasm"]));
  const cpu = fetched.findIndex((url) => /^cpu.*\.wasm$/.test(url));
  expect(cpu).toBeGreaterThanOrEqual(0);
  expect(cpu).toBeLessThan(fetched.indexOf("webgpu/gan_playground.js"));
});
