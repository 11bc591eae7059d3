// cargo xtask peers <workload>[,<workload>…] <cpu|webgpu> [--steps N] [--libraries jax,tfjs]   (also jax:webgl, tfjs:webgl)
//
// Trains every library in one browser, step by step in turn, from the same weights, batches and latents. Prints medians and their ratios
// to ours, and fails where the losses of steps 1 and 5 differ by more than 1e-5.

import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import sirv from "sirv";
import config from "../../playwright.config.js";

const WARM_UP = 3;
const TOLERANCE = 1e-5;
const SEED = 7;
/** Browsers can do nothing with a step that takes longer. */
const LONGEST_STEP_MS = 180_000;

const { values: options, positionals: [workloads, device] } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: "string", default: "20" }, libraries: { type: "string", default: "jax,tfjs" } },
});
if (!workloads || !["cpu", "webgpu"].includes(device)) {
  console.error("usage: cargo xtask peers <workload>[,<workload>…] <cpu|webgpu> [--steps N] [--libraries jax,tfjs,tfjs:webgl]");
  process.exit(2);
}

const folder = (path) => sirv(fileURLToPath(new URL(path, import.meta.url)), { dev: true });
const [site, peers] = [folder("../../dist"), folder(".")];
const server = createServer((request, response) => {
  const missing = () => response.writeHead(404).end();
  if (request.url.startsWith("/peers/")) {
    request.url = request.url.slice("/peers".length);
    peers(request, response, missing);
  } else {
    site(request, response, missing);
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  ...config.use.launchOptions,
  args: [...config.use.launchOptions.args, "--enable-unsafe-webgpu", "--enable-unsafe-swiftshader"],
});
let agrees = true;
try {
  for (const workload of workloads.split(",")) await compare(workload);
} finally {
  // Playwright ends the browser with this process if it does not end by itself.
  await Promise.race([browser.close(), new Promise((resolve) => setTimeout(resolve, 5000))]);
  server.close();
}
process.exit(agrees ? 0 : 1);

async function compare(workload) {
  const addresses = [`bench.html?backend=${device}`];
  for (const peer of options.libraries.split(",").filter(Boolean)) {
    const [library, own = device === "cpu" ? "wasm" : "webgpu"] = peer.split(":");
    addresses.push(`peers/peer.html?library=${library}&device=${own}`);
  }
  let runs = [];
  for (const address of addresses) {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(`${address}: ${error}`));
    await page.goto(`${origin}/${address}`);
    await page.waitForFunction(() => "bench" in window);
    const start = { page, name: await page.evaluate(() => window.bench.name), times: [], losses: [], first: NaN };
    try {
      await page.evaluate(prepare, { workload, seed: SEED, isSample: workload.startsWith("sample") });
      runs.push(start);
    } catch (error) {
      console.log(`${workload}: ${start.name} cannot: ${error.message.split("\n")[0]}`);
      await page.close();
    }
  }
  for (let step = 0; step < WARM_UP + Number(options.steps); step++) {
    const going = [];
    for (const run of runs) {
      try {
        const { ms, losses } = await withLimit(run.page.evaluate(once));
        if (step === 0) run.first = ms;
        if (step >= WARM_UP) run.times.push(ms);
        run.losses.push(losses);
        going.push(run);
      } catch (error) {
        console.log(`${workload}: ${run.name} stopped at step ${step + 1}: ${error.message.split("\n")[0]}`);
        // Not waited for: a page that computes does not close.
        run.page.close().catch(() => {});
      }
    }
    runs = going;
  }
  const ours = runs[0];
  for (const run of runs) {
    const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];
    const [own, theirs] = [median(ours.times), median(run.times)];
    const ratio = run === ours ? "" : ` · ours takes ${(own / theirs).toFixed(3)} of it, first step ${(ours.first / run.first).toFixed(3)}`;
    console.log(`${workload} · ${run.name} · median ${theirs.toPrecision(3)} ms · first ${run.first.toPrecision(3)} ms${ratio}`);
    for (const step of [0, 4]) {
      const differences = Object.entries(run.losses[step] ?? {}).map(([key, value]) => Math.abs(value - ours.losses[step][key]));
      if (differences.every((difference) => difference <= TOLERANCE)) continue;
      agrees = false;
      console.log(`  step ${step + 1} differs: ${JSON.stringify(run.losses[step])} against ${JSON.stringify(ours.losses[step])}`);
    }
    await run.page.close();
  }
}

/** Runs in the page: gives every library the same start. */
async function prepare({ workload, seed, isSample }) {
  const { inputsOf } = await import("/peers/networks.js");
  let labels = new Uint8Array(0);
  let reals = Float32Array.of(1, 0, 0, 1, 0.9, 0.1, 0.2, 0.8, 0.9, 0.2, 0.1, 0.8, 0.8, 0.1, 0.2, 0.9, 0.8, 0.2, 0.1, 0.9);
  if (workload !== "toy-2x2") {
    const { fetchIndex, fetchShard } = await import("/worker/data/shards.js");
    const base = new URL("/data/mnist/index.json", location.href).href;
    const index = await fetchIndex(base, { width: 28, height: 28, range: [-1, 1] }, "default");
    const { images, labels: own } = await fetchShard(new URL(index.shards[0].file, base).href, index.shards[0], index, "default", () => {});
    reals = Float32Array.from(images, (value) => value / 127.5 - 1);
    labels = own ?? labels;
  }
  await window.bench.init(workload, seed, inputsOf(workload, seed, { reals, labels }, await import("/random.js")));
  window.once = () => (isSample ? window.bench.sample(64) : window.bench.step());
}

/** Runs in the page: times a step, and returns its losses. */
async function once() {
  const start = performance.now();
  const result = await window.once();
  const ms = performance.now() - start;
  return { ms, losses: result instanceof Float32Array ? { first: result[0] } : result };
}

function withLimit(promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no step within ${LONGEST_STEP_MS / 1000} s`)), LONGEST_STEP_MS);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
