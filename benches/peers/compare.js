// cargo xtask peers <workload>[,<workload>…] <cpu|webgpu> [--steps N] [--libraries jax,tfjs]   (also jax:webgl, tfjs:webgl, tfjs:cpu, pytorch)
//
// Trains every library in one browser, and PyTorch beside it, step by step in turn, from the same weights, batches, latents and labels. Prints
// medians and their ratios to ours, and fails where the losses of steps 1 and 5 differ by more than TOLERANCES. PyTorch has the digits-…
// workloads only, and runs in the interpreter that PYTHON names.

import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import sirv from "sirv";
import config from "../../playwright.config.js";
import { openPage } from "./page.js";
import { openPyTorch } from "./pytorch.js";

const WARM_UP = 3;
/**
 * Largest difference of a loss by step. That of the digits-… workloads is larger: their learning rate is 25 times as large, and the gradient of R1
 * jumps where a value within D crosses zero. In float64 first weights that differ by float32's rounding already end 9e-4 apart.
 */
const TOLERANCES = { digits: { 1: 1e-4, 5: 2e-3 }, others: { 1: 1e-5, 5: 1e-5 } };
const SEED = 7;
/** Browsers can do nothing with a step that takes longer. */
const LONGEST_STEP_MS = 180_000;

const { values: options, positionals: [workloads, device] } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: "string", default: "20" }, libraries: { type: "string", default: "jax,tfjs" } },
});
if (!workloads || !["cpu", "webgpu"].includes(device)) {
  console.error("usage: cargo xtask peers <workload>[,<workload>…] <cpu|webgpu> [--steps N] [--libraries jax,tfjs,tfjs:webgl,pytorch]");
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
  const openers = [() => openPage(browser, `${origin}/bench.html?backend=${device}`)];
  for (const peer of options.libraries.split(",").filter(Boolean)) {
    const [library, own = device === "cpu" ? "wasm" : "webgpu"] = peer.split(":");
    openers.push(library === "pytorch"
      ? () => openPyTorch(process.env.PYTHON ?? "python3")
      : () => openPage(browser, `${origin}/peers/peer.html?library=${library}&device=${own}`));
  }
  let runs = [];
  for (const open of openers) {
    const library = await open();
    try {
      await library.init(workload, SEED);
      runs.push({ library, isOurs: open === openers[0], times: [], losses: [], first: NaN });
    } catch (error) {
      console.log(`${workload}: ${library.name} cannot: ${error.message.split("\n")[0]}`);
      await library.close();
    }
  }
  for (let step = 0; step < WARM_UP + Number(options.steps); step++) {
    const going = [];
    for (const run of runs) {
      try {
        const { ms, losses } = await withLimit(run.library.step());
        if (step === 0) run.first = ms;
        if (step >= WARM_UP) run.times.push(ms);
        run.losses.push(losses);
        going.push(run);
      } catch (error) {
        console.log(`${workload}: ${run.library.name} stopped at step ${step + 1}: ${error.message.split("\n")[0]}`);
        // Not waited for: a page that computes does not close.
        run.library.close().catch(() => {});
      }
    }
    runs = going;
  }
  for (const run of runs) {
    report(workload, run, runs[0]);
    await run.library.close();
  }
}

/** Prints a library's times, and how its losses differ from those of the first, which is ours unless ours could not. */
function report(workload, run, first) {
  const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];
  const [own, theirs] = [median(first.times), median(run.times)];
  const isCompared = first.isOurs && run !== first;
  const ratio = isCompared ? ` · ours takes ${(own / theirs).toFixed(3)} of it, first step ${(first.first / run.first).toFixed(3)}` : "";
  console.log(`${workload} · ${run.library.name} · median ${theirs.toPrecision(3)} ms · first ${run.first.toPrecision(3)} ms${ratio}`);
  for (const [step, tolerance] of Object.entries(workload.startsWith("digits") ? TOLERANCES.digits : TOLERANCES.others)) {
    const [own, other] = [first.losses[step - 1], run.losses[step - 1] ?? {}];
    const differences = Object.entries(other).map(([key, value]) => Math.abs(value - own[key]));
    if (differences.every((difference) => difference <= tolerance)) continue;
    agrees = false;
    console.log(`  step ${step} differs: ${JSON.stringify(other)} against ${JSON.stringify(own)}`);
  }
}

function withLimit(promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no step within ${LONGEST_STEP_MS / 1000} s`)), LONGEST_STEP_MS);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
