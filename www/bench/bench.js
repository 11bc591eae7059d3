// The benchmark page: runs the workloads of workloads.js with the core right here, without the worker, and offers the same to scripts
// as `window.bench`.

import { addressOf } from "../site.js";
import { element } from "../dom.js";
import { loadCore } from "../core/core.js";
import { normals, uniforms } from "../random.js";
import { fetchIndex, fetchShard } from "../worker/data/shards.js";
import { createSession } from "../core/tilings.js";
import { WORKLOADS, tensorName, workloadConfig } from "./workloads.js";

/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */
/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */

/**
 * @typedef {object} Inputs what every library is given in a side-by-side run; names and shapes are those of shared/BENCH.md
 * @property {Record<"g" | "d", Record<string, {shape: number[], data: Float32Array}>>} [weights]
 * @property {() => Float32Array} [nextReal]
 * @property {() => Float32Array} [nextZ]
 * @property {(n: number) => Float32Array} [nextSampleZ]
 */

/** Steps after which the times count, and how many of them do: at least so many, and for at least so long. */
const WARM_UP = 3;
const MIN_STEPS = 20;
const MIN_MS = 2000;
/** Longest time for which the page does not answer, but for a single step, ms. */
const FRAME_EVERY_MS = 100;

/** What the page asked the GPU for, counted where it passes through the browser. */
const counts = { dispatches: 0, submits: 0, pipelines: 0, bufferBytes: 0 };
countGpuCalls();

const query = new URLSearchParams(location.search);
/** @type {BackendKind} */
const backend = query.get("backend") === "webgpu" ? "webgpu" : "cpu";
/** @type {{core: GanModule, memory: WebAssembly.Memory} | null} */
let loaded = null;
/** @type {{session: Session, workload: string, nextReal: () => Float32Array, nextZ: (() => Float32Array) | null, nextSampleZ: (n: number) => Float32Array, reusesLatents: boolean, spent: {dispatches: number, submits: number}} | null} `spent`: calls to the GPU for each of the steps that were read last, or for the samples */
let run = null;

const bench = {
  name: `gan-playground ${backend}`,
  /**
   * @param {string} workload one of WORKLOADS
   * @param {number} seed
   * @param {Inputs} [inputs] what is left out comes from the seed, reals from MNIST
   */
  async init(workload, seed, inputs = {}) {
    run?.session.free();
    run = null;
    loaded ??= await loadCore(backend);
    const { core } = loaded;
    const config = workloadConfig(workload, (name) => core.preset(name));
    const session = await createSession(core, config, seed, backend);
    if (inputs.weights) await loadWeights(session, inputs.weights);
    const normal = normals(uniforms(seed));
    run = {
      session,
      workload,
      nextReal: inputs.nextReal ?? (await ownReals(core, config, session)),
      nextZ: inputs.nextZ ?? null,
      nextSampleZ: inputs.nextSampleZ ?? ((n) => Float32Array.from({ length: n * config.latent.dim }, normal)),
      reusesLatents: config.order === "realThenFakeSameLatents",
      spent: { dispatches: 0, submits: 0 },
    };
  },
  /** @returns {Promise<{dLoss: number | null, gLoss: number | null}>} of one step, when it is done */
  step: () => trainSteps(1),
  /**
   * @param {number} n
   * @returns {Promise<Float32Array>} pixels of `n` samples, BatchNorm by running statistics
   */
  async sample(n) {
    const { session, nextSampleZ } = opened();
    return counted(1, () => session.generate(nextSampleZ(n), false));
  },
  /**
   * So many steps; the losses are read once, after the last.
   * @param {number} k
   * @returns {Promise<{dLoss: number | null, gLoss: number | null}>} of the last
   */
  steps: trainSteps,
  /**
   * @returns {{backend: BackendKind, workload: string, dispatches: number, submits: number, pipelines: number, gpuBufferBytes: number, wasmMemoryBytes: number, tilings: string | null}}
   * calls to the GPU for each of the last `step()` or `steps(k)`, or for the last `sample(n)`; pipelines and bytes of buffers since the page was
   * opened; bytes of WASM memory; and how products are cut on a GPU, if that was measured
   */
  info() {
    const { workload, spent } = opened();
    return {
      backend,
      workload,
      ...spent,
      pipelines: counts.pipelines,
      gpuBufferBytes: counts.bufferBytes,
      wasmMemoryBytes: loaded?.memory.buffer.byteLength ?? 0,
      tilings: loaded?.core.tilings() ?? null,
    };
  },
};

/** @typedef {typeof bench} Bench */
/** @type {Window & typeof globalThis & {bench?: Bench}} */ (window).bench = bench;

function opened() {
  if (!run) throw new Error("bench.init(workload, seed) comes first");
  return run;
}

/**
 * @param {number} count
 * @returns {Promise<{dLoss: number | null, gLoss: number | null}>} of the last
 */
async function trainSteps(count) {
  if (!Number.isInteger(count) || count < 1) throw new Error(`the number of steps must be a whole number from 1 on; it is ${count}`);
  return counted(count, () => {
    for (let i = 0; i < count; i++) queueStep();
    return readLosses();
  });
}

/**
 * Notes what `work`, which does something `times` times, asks the GPU for each time.
 * @template Result
 * @param {number} times
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
async function counted(times, work) {
  const before = { ...counts };
  const current = opened();
  const result = await work();
  current.spent = { dispatches: (counts.dispatches - before.dispatches) / times, submits: (counts.submits - before.submits) / times };
  return result;
}

function queueStep() {
  const { session, nextReal, nextZ, reusesLatents } = opened();
  const real = nextReal();
  if (!nextZ) session.step(real);
  else if (reusesLatents) session.stepWith(real, nextZ());
  else session.stepWith(real, nextZ(), nextZ());
}

async function readLosses() {
  const records = await opened().session.readMetrics();
  const { lossD, lossG } = records[records.length - 1];
  return { dLoss: lossD, gLoss: lossG };
}

/**
 * @param {Session} session
 * @param {NonNullable<Inputs["weights"]>} weights
 */
async function loadWeights(session, weights) {
  const tensors = await session.parameters();
  for (const [key, network] of /** @type {const} */ ([["g", "generator"], ["d", "discriminator"]])) {
    const own = tensors.filter((tensor) => tensor.network === network).map((tensor) => tensor.name);
    for (const [name, { data }] of Object.entries(weights[key])) {
      session.loadParameter(network, tensorName(name, own), data);
    }
  }
}

/**
 * Real batches of MNIST's first shard, in a seeded order; the toy's faces in theirs.
 * @param {GanModule} core
 * @param {import("../../src/types.d.ts").GanConfig} config
 * @param {Session} session
 * @returns {Promise<() => Float32Array>}
 */
async function ownReals(core, config, session) {
  const dim = config.shape.width * config.shape.height;
  /** @type {Float32Array} */
  let samples;
  if (config.name === "toy-2x2") {
    samples = core.toyFaces();
  } else {
    const base = addressOf("data/mnist/index.json");
    const index = await fetchIndex(base, config.shape, "default");
    const { images } = await fetchShard(new URL(index.shards[0].file, base).href, index.shards[0], index, "default", () => {});
    samples = Float32Array.from(images, (value) => value / 127.5 - 1);
  }
  const count = samples.length / dim;
  const order = config.name === "toy-2x2" ? Uint32Array.from({ length: count }, (_, i) => i) : session.permutation(count);
  let at = 0;
  return () => {
    const batch = new Float32Array(config.batchSize * dim);
    for (let row = 0; row < config.batchSize; row++, at++) {
      const from = order[at % count] * dim;
      batch.set(samples.subarray(from, from + dim), row * dim);
    }
    return batch;
  };
}

function countGpuCalls() {
  if (typeof GPUQueue === "undefined") return;
  /**
   * Calls `before` with the first argument whenever the method is called.
   * @param {object} prototype
   * @param {string} method
   * @param {(first: unknown) => void} before
   */
  const watch = (prototype, method, before) => {
    const methods = /** @type {Record<string, (...args: unknown[]) => unknown>} */ (prototype);
    const original = methods[method];
    methods[method] = function (...args) {
      before(args[0]);
      return original.apply(this, args);
    };
  };
  watch(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => counts.dispatches++);
  watch(GPUComputePassEncoder.prototype, "dispatchWorkgroupsIndirect", () => counts.dispatches++);
  watch(GPUQueue.prototype, "submit", () => counts.submits++);
  watch(GPUDevice.prototype, "createComputePipeline", () => counts.pipelines++);
  watch(GPUDevice.prototype, "createComputePipelineAsync", () => counts.pipelines++);
  watch(GPUDevice.prototype, "createBuffer", (descriptor) => (counts.bufferBytes += /** @type {GPUBufferDescriptor} */ (descriptor).size));
}

// The page itself.

const measureButton = element("measure", HTMLButtonElement);
const copyButton = element("copy", HTMLButtonElement);
const backendSelect = element("backend", HTMLSelectElement);
const status = element("status", HTMLParagraphElement);
const body = element("results", HTMLTableElement).tBodies[0];

backendSelect.value = backend;
backendSelect.addEventListener("change", () => {
  // A fresh page, so that nothing of the other device is left in memory.
  location.search = `?backend=${backendSelect.value}`;
});
measureButton.addEventListener("click", () => void measureAll());
copyButton.addEventListener("click", () => {
  const rows = [...document.querySelectorAll("#results tr")];
  const text = rows.map((row) => [...row.children].map((cell) => cell.textContent).join("\t")).join("\n");
  const where = `${bench.name}, ${navigator.userAgent}, ${navigator.hardwareConcurrency} cores`;
  navigator.clipboard.writeText(`${where}\n${text}\n`).then(
    () => say("Copied."),
    () => say("The browser did not let this page copy."),
  );
});

/** @param {string} text */
function say(text) {
  status.textContent = text;
}

async function measureAll() {
  measureButton.disabled = backendSelect.disabled = true;
  body.replaceChildren();
  try {
    for (const workload of WORKLOADS) {
      say(`Measuring ${workload} …`);
      await nextFrame();
      addRow(workload, await measure(workload));
    }
    say("Done.");
    copyButton.disabled = false;
  } catch (error) {
    say(`It stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
  measureButton.disabled = backendSelect.disabled = false;
}

/**
 * @param {string} workload
 * @returns {Promise<{median: number, first: number} & ReturnType<Bench["info"]>>} times in ms
 */
async function measure(workload) {
  await bench.init(workload, 1);
  const isSample = workload.startsWith("sample");
  const once = () => (isSample ? bench.sample(64) : bench.step());
  let frameAt = performance.now();
  const timed = async () => {
    if (performance.now() - frameAt >= FRAME_EVERY_MS) {
      await nextFrame();
      frameAt = performance.now();
    }
    const start = performance.now();
    await once();
    return performance.now() - start;
  };
  const first = await timed();
  for (let i = 1; i < WARM_UP; i++) await timed();
  const times = [];
  const start = performance.now();
  while (times.length < MIN_STEPS || performance.now() - start < MIN_MS) times.push(await timed());
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], first, ...bench.info() };
}

/**
 * @param {string} workload
 * @param {Awaited<ReturnType<typeof measure>>} result
 */
function addRow(workload, result) {
  const row = body.insertRow();
  const heading = document.createElement("th");
  heading.scope = "row";
  heading.textContent = workload;
  row.append(heading);
  const onGpu = backend === "webgpu";
  const megabytes = (result.wasmMemoryBytes + result.gpuBufferBytes) / 1e6;
  const figures = [
    Number(result.median.toPrecision(3)), Number(result.first.toPrecision(3)),
    onGpu ? result.dispatches : "–", onGpu ? result.submits : "–", onGpu ? result.pipelines : "–", megabytes.toFixed(0),
  ];
  for (const figure of figures) row.insertCell().textContent = String(figure);
}

function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
