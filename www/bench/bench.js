// The benchmark that scripts drive: runs the workloads of workloads.js with the core right here, without the worker.

import { loadCore } from "../core/core.js";
import { createSession } from "../core/tilings.js";
import { normals, uniforms } from "../random.js";
import { addressOf } from "../site.js";
import { fetchIndex, fetchShard } from "../worker/data/shards.js";
import { counts } from "./gpu-calls.js";
import { tensorName, workloadConfig } from "./workloads.js";

/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */
/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */

/**
 * What every library is given in a side-by-side run. `weights` names the tensors of each network in layer order: `w0 b0 gamma0 beta0 w1 …`,
 * those of the toy `w b`. Dense weights are [in, out], those of convolutions [out, in, height, width], those of transposed convolutions
 * [in, out, height, width]; feature maps are flattened channel by channel. A step asks for a real batch, D's latents and G's, in this order.
 * @typedef {object} Inputs
 * @property {Record<"g" | "d", Record<string, {shape: number[], data: Float32Array}>>} [weights]
 * @property {() => Float32Array} [nextReal]
 * @property {() => Float32Array} [nextZ]
 * @property {(n: number) => Float32Array} [nextSampleZ]
 */

/**
 * @typedef {object} BenchRun what was opened by the latest `init`
 * @property {Session} session
 * @property {string} workload
 * @property {() => Float32Array} nextReal
 * @property {(() => Float32Array) | null} nextZ null: the session draws its own latents
 * @property {(n: number) => Float32Array} nextSampleZ
 * @property {boolean} reusesLatents whether G's phase takes the latents of D's
 * @property {{dispatches: number, submits: number}} spent calls to the GPU for each of the steps that were read last, or for the samples
 */

/** @typedef {{dLoss: number | null, gLoss: number | null}} Losses of one step */

/**
 * @typedef {object} Info
 * @property {BackendKind} backend
 * @property {string} workload
 * @property {number} dispatches calls to the GPU for each of the last `step()` or `steps(k)`, or for the last `sample(n)`
 * @property {number} submits the same
 * @property {number} pipelines made since the page was opened
 * @property {number} gpuBufferBytes bytes of buffers that were made since the page was opened
 * @property {number} wasmMemoryBytes
 * @property {string | null} tilings of matrix products on a GPU, if they were measured
 */

/**
 * @typedef {object} Bench whose methods need no `this`
 * @property {string} name
 * @property {(workload: string, seed: number, inputs?: Inputs) => Promise<void>} init opens one of WORKLOADS; inputs that are left out come
 * from the seed, real samples from MNIST
 * @property {() => Promise<Losses>} step takes one step; settles when it is done
 * @property {(count: number) => Promise<Losses>} steps takes so many steps; the losses of the last are read once, after it
 * @property {(n: number) => Promise<Float32Array>} sample gives `n` samples, row-major [n, width * height], by running statistics
 * @property {() => Info} info
 */

/**
 * @param {BackendKind} backend
 * @returns {Bench} the benchmark of this device
 */
export function benchOn(backend) {
  /** @type {{core: GanModule, memory: WebAssembly.Memory} | null} */
  let loaded = null;
  /** @type {BenchRun | null} */
  let run = null;

  const opened = () => {
    if (!run) throw new Error("bench.init(workload, seed) comes first");
    return run;
  };

  const steps = async (/** @type {number} */ count) => {
    if (!Number.isInteger(count) || count < 1) throw new Error(`the number of steps must be a whole number from 1 on; it is ${count}`);
    const current = opened();
    return counted(current, count, () => {
      for (let i = 0; i < count; i++) queueStep(current);
      return readLosses(current);
    });
  };

  return {
    name: `gan-playground ${backend}`,
    async init(workload, seed, inputs = {}) {
      run?.session.free();
      run = null;
      loaded ??= await loadCore(backend);
      run = await openRun(loaded.core, backend, workload, seed, inputs);
    },
    step: () => steps(1),
    steps,
    async sample(n) {
      const current = opened();
      return counted(current, 1, () => current.session.generate(current.nextSampleZ(n), false));
    },
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
}

/**
 * @param {GanModule} core
 * @param {BackendKind} backend
 * @param {string} workload
 * @param {number} seed
 * @param {Inputs} inputs
 * @returns {Promise<BenchRun>}
 */
async function openRun(core, backend, workload, seed, inputs) {
  const config = workloadConfig(workload, (name) => core.preset(name));
  const session = await createSession(core, config, seed, backend);
  if (inputs.weights) await loadWeights(session, inputs.weights);
  const normal = normals(uniforms(seed));
  return {
    session,
    workload,
    nextReal: inputs.nextReal ?? (await ownReals(core, config, session)),
    nextZ: inputs.nextZ ?? null,
    nextSampleZ: inputs.nextSampleZ ?? ((n) => Float32Array.from({ length: n * config.latent.dim }, normal)),
    reusesLatents: config.order === "realThenFakeSameLatents",
    spent: { dispatches: 0, submits: 0 },
  };
}

/**
 * Runs `work`, which repeats something `times` times, and notes how many GPU calls one repetition takes.
 * @template Result
 * @param {BenchRun} run
 * @param {number} times
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
async function counted(run, times, work) {
  const before = { ...counts };
  const result = await work();
  run.spent = { dispatches: (counts.dispatches - before.dispatches) / times, submits: (counts.submits - before.submits) / times };
  return result;
}

/** @param {BenchRun} run */
function queueStep({ session, nextReal, nextZ, reusesLatents }) {
  const real = nextReal();
  if (!nextZ) session.step(real);
  else if (reusesLatents) session.stepWith(real, nextZ());
  else session.stepWith(real, nextZ(), nextZ());
}

/**
 * @param {BenchRun} run
 * @returns {Promise<Losses>} of the last step
 */
async function readLosses({ session }) {
  const records = await session.readMetrics();
  const { lossD, lossG } = records[records.length - 1];
  return { dLoss: lossD, gLoss: lossG };
}

/**
 * Replaces parameters by those that all libraries begin with.
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
 * Gives real batches: of MNIST's first shard in a seeded order, or of the toy's faces in theirs.
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
