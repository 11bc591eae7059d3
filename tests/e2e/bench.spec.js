// The benchmark page: its table for people and `window.bench` for scripts, which www/bench/bench.js describes.

import { expect, test } from "./playground.js";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("../../www/bench/bench.js").Bench} Bench */
/** @typedef {Window & typeof globalThis & {bench: Bench}} BenchWindow */

// The software adapter, for the last test; the others ask for the CPU.
test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...(launchOptions.args ?? []), "--enable-unsafe-webgpu"] }) });

/** Widths of the dense networks of mlp-b64, from the latent to the picture and from the picture to the logit. */
const MLP = { g: [100, 256, 512, 1024, 784], d: [784, 512, 256, 1] };
const BATCH = 64;

/**
 * @param {Page} page
 * @param {string} site
 * @param {"cpu" | "webgpu"} backend
 */
async function open(page, site, backend) {
  await page.goto(`${site}bench.html?backend=${backend}`);
  await page.waitForFunction(() => "bench" in window);
}

/**
 * Steps of mlp-b64 from inputs that are made up here, all of them: weights, real batches and latents.
 * @param {Page} page
 * @param {number} steps
 * @returns {Promise<{losses: {dLoss: number | null, gLoss: number | null}[], info: ReturnType<Bench["info"]>, calls: string[]}>}
 */
function trainFromInputs(page, steps) {
  return page.evaluate(async ({ mlp, batch, count }) => {
    const { bench } = /** @type {BenchWindow} */ (window);
    let state = 1;
    /**
     * Evenly spread numbers (Lehmer's generator) from -scale to scale.
     * @param {number} length
     * @param {number} scale
     * @returns {Float32Array}
     */
    const numbers = (length, scale) => Float32Array.from({ length }, () => {
      state = (state * 48271) % 2147483647;
      return scale * (2 * (state / 2147483647) - 1);
    });
    /**
     * @param {number[]} widths
     * @param {boolean} norm a BatchNorm after each hidden layer
     * @returns {Record<string, {shape: number[], data: Float32Array}>}
     */
    const weights = (widths, norm) => {
      /** @type {Record<string, {shape: number[], data: Float32Array}>} */
      const tensors = {};
      for (let i = 0; i + 1 < widths.length; i++) {
        const [rows, columns] = [widths[i], widths[i + 1]];
        tensors[`w${i}`] = { shape: [rows, columns], data: numbers(rows * columns, Math.sqrt(6 / (rows + columns))) };
        tensors[`b${i}`] = { shape: [columns], data: new Float32Array(columns) };
        if (!norm || i + 2 === widths.length) continue;
        tensors[`gamma${i}`] = { shape: [columns], data: new Float32Array(columns).fill(1) };
        tensors[`beta${i}`] = { shape: [columns], data: new Float32Array(columns) };
      }
      return tensors;
    };
    /** @type {string[]} */
    const calls = [];
    /**
     * @param {string} name
     * @param {number} length
     * @returns {() => Float32Array}
     */
    const source = (name, length) => () => {
      calls.push(name);
      return numbers(length, 1);
    };
    await bench.init("mlp-b64", 7, {
      weights: { g: weights(mlp.g, true), d: weights(mlp.d, false) },
      nextReal: source("real", batch * 784),
      nextZ: source("z", batch * 100),
    });
    const losses = [];
    for (let i = 0; i < count; i++) losses.push(await bench.step());
    return { losses, info: bench.info(), calls };
  }, { mlp: MLP, batch: BATCH, count: steps });
}

test.describe("on the CPU", () => {
  test.beforeEach(({ page, site }) => open(page, site, "cpu"));

  test("mlp-b64 trains on the inputs it is given, and equal inputs give equal losses", async ({ playground, page }) => {
    const first = await trainFromInputs(page, 3);
    expect(first.calls).toEqual(["real", "z", "z", "real", "z", "z", "real", "z", "z"]);
    for (const { dLoss, gLoss } of first.losses) {
      // Glorot weights give logits of about 1, so cross-entropies in nats stay well within this range.
      for (const loss of [dLoss, gLoss]) {
        expect(loss).toBeGreaterThan(0);
        expect(loss).toBeLessThan(10);
      }
    }
    expect(new Set(first.losses.map(({ dLoss }) => dLoss)).size).toBe(3);
    expect((await trainFromInputs(page, 3)).losses).toEqual(first.losses);
    expect(first.info).toMatchObject({ backend: "cpu", workload: "mlp-b64", dispatches: 0, submits: 0 });
    expect(first.info.wasmMemoryBytes).toBeGreaterThan(1e6);
    expect(playground.errors).toEqual([]);
  });

  test("digits-b32 trains with labels and R1, on its own data and on labels that it is given", async ({ page }) => {
    const { own, losses, calls, refusal } = await page.evaluate(async ({ classes }) => {
      const { bench } = /** @type {BenchWindow} */ (window);
      await bench.init("digits-b32", 1);
      const ownData = await bench.steps(2);
      /** @type {string[]} */
      const asked = [];
      const source = (/** @type {string} */ name, /** @type {number} */ length) => () => {
        asked.push(name);
        return Float32Array.from({ length }, (_, i) => Math.sin(i));
      };
      const labels = (/** @type {string} */ name) => () => {
        asked.push(name);
        return Uint8Array.from({ length: 32 }, (_, i) => i % classes);
      };
      const inputs = { nextReal: source("real", 32 * 784), nextZ: source("z", 32 * 64) };
      await bench.init("digits-b32", 1, { ...inputs, nextLabels: labels("labels"), nextFakeLabels: labels("fake labels") });
      const given = await bench.step();
      const refused = await bench.init("digits-b32", 1, inputs).then(() => "", (error) => String(error.message));
      return { own: ownData, losses: given, calls: asked, refusal: refused };
    }, { classes: 10 });
    for (const { dLoss, gLoss, r1 } of [own, losses]) for (const loss of [dLoss, gLoss, r1]) expect(loss).toBeGreaterThan(0);
    expect(calls).toEqual(["real", "labels", "z", "fake labels", "z", "fake labels"]);
    expect(refusal).toContain("must come with labels");
  });

  test("time to quality is judged, and its loading counts for a page just opened only", async ({ page }) => {
    const { first, second, checks } = await page.evaluate(async () => {
      const { bench } = /** @type {BenchWindow} */ (window);
      /** @type {number[]} */
      const told = [];
      const options = { preset: "mnist-digits", seed: 1, until: { steps: 20 }, limits: [1e6, 0.01] };
      const report = await bench.timeToQuality({ ...options, onCheck: ({ step }) => void told.push(step) });
      return { first: report, second: await bench.timeToQuality({ ...options, batch: 64 }), checks: told };
    });
    expect(checks).toEqual([10, 20]);
    expect(first).toMatchObject({ preset: "mnist-digits", backend: "cpu", steps: 20 });
    expect(first.preparationSeconds).toBeGreaterThan(0);
    expect(second.preparationSeconds).toBe(null);
    expect(second.batch).toBe(64);
    expect(first.passed.map(({ fd, check }) => [fd, check?.step ?? null])).toEqual([[1e6, 10], [0.01, null]]);
    const [early, late] = first.checks;
    expect(early.fd).toBeGreaterThan(10); // Nothing is a digit after ten steps: real images have about 2.
    expect(late.seconds).toBeGreaterThan(early.seconds);
    expect(second.checks[0].fd, "another batch size is another run").not.toBe(early.fd);
  });

  test("the toy takes ten steps and reads the last losses", async ({ page }) => {
    const { dLoss, gLoss } = await page.evaluate(async () => {
      const { bench } = /** @type {BenchWindow} */ (window);
      await bench.init("toy-2x2", 1);
      return bench.steps(10);
    });
    expect(dLoss).toBeGreaterThan(0);
    expect(gLoss).toBeGreaterThan(0);
  });

  test("sample(64) gives 64 pictures within the range", async ({ page }) => {
    const { length, low, high } = await page.evaluate(async () => {
      const { bench } = /** @type {BenchWindow} */ (window);
      await bench.init("sample-64", 1);
      const samples = await bench.sample(64);
      return { length: samples.length, low: Math.min(...samples), high: Math.max(...samples) };
    });
    expect(length).toBe(64 * 784);
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(high).toBeLessThanOrEqual(1);
    expect(high).toBeGreaterThan(low);
  });

  test("a number of steps that is none is refused, and training goes on", async ({ page }) => {
    const { messages, dLoss } = await page.evaluate(async () => {
      const { bench } = /** @type {BenchWindow} */ (window);
      await bench.init("toy-2x2", 1);
      const refusals = [];
      for (const k of [0, -1, 1.5, NaN]) refusals.push(await bench.steps(k).then(() => "taken", (error) => String(error.message)));
      return { messages: refusals, dLoss: (await bench.steps(1)).dLoss };
    });
    expect(messages).toEqual([0, -1, 1.5, NaN].map((k) => `the number of steps must be a whole number from 1 on; it is ${k}`));
    expect(dLoss).toBeGreaterThan(0);
  });

  test("an unknown workload is refused with the names of the known ones", async ({ page }) => {
    const message = await page.evaluate(async () => {
      const { bench } = /** @type {BenchWindow} */ (window);
      return bench.init("mlp-b65", 1).then(() => "", (error) => String(error.message));
    });
    const known = ["mlp-b64", "mlp-b256", "dcgan-b64", "digits-b32", "digits-b64", "toy-2x2", "sample-64", "sample-64-dcgan"];
    for (const name of ["mlp-b65", ...known]) expect(message).toContain(name);
  });

  test("the page measures when it is told to, and shows what it has so far", async ({ playground, page }) => {
    await playground.button("Measure").click();
    await expect(playground.status).toContainText("Measuring mlp-b64");
    const row = page.getByRole("row", { name: /^mlp-b64/ });
    await expect(row.getByRole("cell").first()).toHaveText(/^(?=.*[1-9])\d+(\.\d+)?$/);
  });

  test("there is a way from the playground and back", async ({ playground, page }) => {
    await page.goto(playground.site);
    await page.getByRole("link", { name: "Benchmark" }).click();
    await expect(page.getByRole("heading", { name: "Benchmark" })).toBeVisible();
    await page.getByRole("link", { name: "Back to the playground" }).click();
    await expect(playground.button("Train")).toBeVisible();
  });
});

test.describe("on WebGPU, Chromium's software adapter", () => {
  test("tilings that were measured before are taken, and others are not", async ({ page, site }) => {
    const inUse = async () => {
      await open(page, site, "webgpu");
      return page.evaluate(async () => {
        const { bench } = /** @type {BenchWindow} */ (window);
        await bench.init("toy-2x2", 1);
        await bench.step();
        return bench.info().tilings;
      });
    };
    /**
     * @param {string} text
     * @returns {Promise<void>}
     */
    const keep = (text) => page.evaluate(async (tilings) => {
      const adapter = await navigator.gpu.requestAdapter();
      if (!adapter) throw new Error("there is an adapter under --enable-unsafe-webgpu");
      const { vendor, architecture } = adapter.info;
      const cache = await caches.open("gan-playground-tilings-2");
      await cache.put(`/tilings/${encodeURIComponent(`${vendor} ${architecture}`)}`, new Response(tilings));
    }, text);
    expect(await inUse(), "a software adapter is not measured").toBe(null);
    await keep("small=registers4 large=registers8");
    expect(await inUse()).toBe("small=registers4 large=registers8");
    await keep("small=shared");
    expect(await inUse(), "text of another version is left alone").toBe(null);
  });

  test("a step of mlp-b64 asks little of the GPU", async ({ playground, page }) => {
    test.setTimeout(600_000);
    await open(page, playground.site, "webgpu");
    const adapter = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
    test.skip(!adapter, "this Chromium has no WebGPU adapter, not even a software one");
    const { losses, info } = await trainFromInputs(page, 2);
    for (const { dLoss, gLoss } of losses) {
      expect(dLoss).toBeGreaterThan(0);
      expect(gLoss).toBeGreaterThan(0);
    }
    // Kernels that merge what belongs together; one by one, the operations of this step are several hundred.
    expect(info.dispatches).toBeGreaterThan(0);
    expect(info.dispatches).toBeLessThanOrEqual(100);
    expect(info.submits).toBeGreaterThan(0);
    expect(info.submits).toBeLessThanOrEqual(4);
    expect(info.pipelines).toBeGreaterThan(0);
    expect(info.pipelines).toBeLessThanOrEqual(40);
    // The same for each of several steps that are read at once, but for the reading; and a generator alone takes less.
    const { several, samples } = await page.evaluate(async () => {
      const { bench } = /** @type {BenchWindow} */ (window);
      await bench.steps(2);
      const atOnce = bench.info();
      await bench.sample(4);
      return { several: atOnce, samples: bench.info() };
    });
    expect(several.dispatches).toBe(info.dispatches);
    expect(several.submits).toBeLessThanOrEqual(info.submits);
    expect(several.submits).toBeGreaterThan(0);
    expect(samples.dispatches).toBeGreaterThan(0);
    expect(samples.dispatches).toBeLessThan(info.dispatches / 2);
    // While a result is waited for, the queue is asked for it a few times, and then left alone.
    const looks = await page.evaluate(async () => {
      const { bench } = /** @type {BenchWindow} */ (window);
      let count = 0;
      const ask = GPUQueue.prototype.onSubmittedWorkDone;
      GPUQueue.prototype.onSubmittedWorkDone = function () {
        count++;
        return ask.call(this);
      };
      await bench.step();
      return count;
    });
    expect(looks).toBe(3);
  });
});
