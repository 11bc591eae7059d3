// The benchmark that scripts drive: runs the workloads of workloads.js with the core right here, without the worker.

import { loadCore } from "../core/core.js";
import { createSession } from "../core/tilings.js";
import { normals, uniforms } from "../random.js";
import { counts } from "./gpu-calls.js";
import { nextFrame } from "./measure.js";
import { realBatches } from "./reals.js";
import { SAMPLES, timeToQuality } from "./time-to-quality.js";
import { openTrainee } from "./trainee.js";
import { tensorName, workloadConfig } from "./workloads.js";

/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */
/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */

/**
 * What every library is given in a side-by-side run. `weights` names the tensors of each network in layer order: `w0 b0 gamma0 beta0 w1 …`,
 * those of the toy `w b`. Dense weights are [in, out], those of convolutions [out, in, height, width], those of transposed convolutions
 * [in, out, height, width]; feature maps are flattened channel by channel. D's last layer has a bias for its first column only where it is told
 * the classes. A step asks for a real batch, its labels, D's latents, their labels, G's latents and their labels, in this order; for labels
 * only where the workload has classes.
 * @typedef {object} Inputs
 * @property {Record<"g" | "d", Record<string, {shape: number[], data: Float32Array}>>} [weights]
 * @property {() => Float32Array} [nextReal]
 * @property {() => Uint8Array} [nextLabels] of the real batch that came last; needed with `nextReal` where the workload has classes
 * @property {() => Float32Array} [nextZ]
 * @property {() => Uint8Array} [nextFakeLabels] of the latents that came last; needed with `nextZ` where the workload has classes
 * @property {(n: number) => Float32Array} [nextSampleZ]
 */

/**
 * @typedef {object} BenchRun what was opened by the latest `init`
 * @property {Session} session
 * @property {string} workload
 * @property {() => Float32Array} nextReal
 * @property {(() => Uint8Array) | null} nextLabels of the latest real batch; null: the workload has no labels
 * @property {(() => Float32Array) | null} nextZ null: the session draws its own latents, and their labels
 * @property {(() => Uint8Array) | null} nextFakeLabels of the latest latents; null as `nextLabels`
 * @property {(n: number) => Float32Array} nextSampleZ
 * @property {boolean} reusesLatents whether G's phase takes the latents of D's
 * @property {{dispatches: number, submits: number}} spent calls to the GPU for each of the steps that were read last, or for the samples
 */

/**
 * @typedef {object} Losses of one step
 * @property {number | null} dLoss without penalties
 * @property {number | null} gLoss
 * @property {number | null} [r1] the R1 penalty as it is added to D's loss, where there is one
 */

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
 * @typedef {object} QualityOptions
 * @property {string} preset
 * @property {number} [batch] size of a batch; the preset's own, if it is left out
 * @property {number} [seed]
 * @property {readonly number[]} [limits] distances (FD) whose times are told
 * @property {{steps?: number, seconds?: number}} [until] where training ends at the latest
 * @property {(check: import("./time-to-quality.js").Check) => void} [onCheck]
 */

/**
 * @typedef {object} Quality
 * @property {string} preset
 * @property {BackendKind} backend
 * @property {number} batch
 * @property {number | null} preparationSeconds from opening the page to the first step, but for waiting to be told to: scripts, the core, the first
 * data, the device. null: something was loaded before. With the seconds of training it gives those from opening the page
 * @property {number | null} realFd distance of as many real images; null: the judge does not know it
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
 * @property {(options: QualityOptions) => Promise<Quality & import("./time-to-quality.js").Report>} timeToQuality trains a preset on all of its data
 * until its pictures have each distance to real ones, by the judge
 */

/**
 * @param {BackendKind} backend
 * @param {number} openedMs what it took to open the page, ms
 * @returns {Bench} the benchmark of this device
 */
export function benchOn(backend, openedMs) {
  /** Whether nothing was loaded yet, so that preparing takes what it takes on a page just opened. */
  let isFresh = true;
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
      isFresh = false;
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
    async timeToQuality({ preset, batch, seed = 1, ...options }) {
      const wasFresh = isFresh;
      isFresh = false;
      const start = performance.now();
      const subject = await openTrainee(backend, preset, seed, batch);
      try {
        const report = await timeToQuality(subject.trainee, subject.judge, { ...options, pause: nextFrame });
        const preparationSeconds = wasFresh ? (openedMs + subject.readyMs - start) / 1000 : null;
        const realFd = subject.judge.info().realFd[String(SAMPLES)] ?? null;
        return { preset, backend, batch: subject.batchSize, preparationSeconds, realFd, ...report };
      } finally {
        subject.free();
      }
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
  const { nextReal, nextLabels } = inputs.nextReal ? { nextReal: inputs.nextReal, nextLabels: inputs.nextLabels } : await realBatches(core, config, session);
  const needed = (/** @type {(() => Uint8Array) | null | undefined} */ labels, /** @type {string} */ what) => {
    if (!config.labels) return null;
    if (!labels) throw new TypeError(`${workload} has classes, so that ${what} must come with labels`);
    return labels;
  };
  return {
    session,
    workload,
    nextReal,
    nextLabels: needed(nextLabels, "real batches"),
    nextZ: inputs.nextZ ?? null,
    nextFakeLabels: inputs.nextZ ? needed(inputs.nextFakeLabels, "latents") : null,
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
function queueStep({ session, nextReal, nextLabels, nextZ, nextFakeLabels, reusesLatents }) {
  const real = nextReal();
  const labels = nextLabels?.();
  if (!nextZ) {
    session.step(real, labels);
    return;
  }
  const discriminator = nextZ();
  /** @type {import("../../src/types.d.ts").StepOptions} */
  const options = labels && nextFakeLabels ? { labels, discriminatorLabels: nextFakeLabels() } : {};
  const generator = reusesLatents ? null : nextZ();
  if (generator && nextFakeLabels) options.generatorLabels = nextFakeLabels();
  session.stepWith(real, discriminator, generator, options);
}

/**
 * @param {BenchRun} run
 * @returns {Promise<Losses>} of the last step
 */
async function readLosses({ session }) {
  const records = await session.readMetrics();
  const { lossD, lossG, penalty, penaltyReal } = records[records.length - 1];
  const dLoss = lossD === null ? null : lossD - (penalty ?? 0);
  return penaltyReal === null ? { dLoss, gLoss: lossG } : { dLoss, gLoss: lossG, r1: penaltyReal };
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
