// Opens what time-to-quality.js trains: a preset on its whole data set, as the page does it, and the judge of that data set.

import { loadCore } from "../core/core.js";
import { createSession } from "../core/tilings.js";
import { MODES } from "../page/modes.js";
import { normals, uniforms } from "../random.js";
import { Dataset } from "../worker/data/dataset.js";
import { judgeFile } from "../worker/judge.js";
import { SAMPLES } from "./time-to-quality.js";

/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */
/** @typedef {import("../../src/types.d.ts").Judge} Judge */

/** Added to the run's seed for the latents that are judged: others than those of training, and the same at every check. */
const JUDGED_SEED = 99;

/** Modes that have a judge, which `judge` names. */
const JUDGED = MODES.flatMap(({ judge, source, presets }) => (judge === null ? [] : [{ judge, source, presets }]));
/** Names of the presets whose time to quality can be measured. */
export const PRESETS = JUDGED.flatMap(({ presets }) => presets.map(({ name }) => name));

/**
 * @typedef {object} Opened
 * @property {import("./time-to-quality.js").Trainee} trainee
 * @property {Judge} judge
 * @property {number} batchSize
 * @property {number} readyMs when the first step could be taken, before the judge was loaded, ms on the page's clock
 * @property {() => void} free releases all of it
 */

/**
 * @param {BackendKind} backend
 * @param {string} preset one of PRESETS
 * @param {number} seed
 * @param {number} [batchSize] the preset's own, if it is left out
 * @returns {Promise<Opened>} as soon as there is something to train on: the rest of the data arrives while it trains
 */
export async function openTrainee(backend, preset, seed, batchSize) {
  const mode = JUDGED.find(({ presets }) => presets.some(({ name }) => name === preset));
  if (!mode) throw new RangeError(`there is no preset "${preset}" with a judge; there are ${PRESETS.join(", ")}`);
  const { core } = await loadCore(backend);
  const own = core.preset(preset);
  const config = { ...own, batchSize: batchSize ?? own.batchSize };
  const session = await createSession(core, config, seed, backend);
  try {
    const dataset = await firstData(mode.source, config.shape, (n) => session.permutation(n));
    const trainee = traineeOf(session, config, dataset, seed);
    const readyMs = performance.now();
    const judge = await core.openJudge(await judgeFile(mode.judge), backend);
    const free = () => {
      session.free();
      judge.free();
    };
    return { trainee, judge, batchSize: config.batchSize, readyMs, free };
  } catch (error) {
    session.free();
    throw error;
  }
}

/**
 * @param {import("../../src/types.d.ts").Session} session
 * @param {import("../../src/types.d.ts").GanConfig} config
 * @param {Dataset} dataset
 * @param {number} seed
 * @returns {import("./time-to-quality.js").Trainee}
 */
function traineeOf(session, { batchSize, discriminatorUpdates, labels, latent }, dataset, seed) {
  const classes = labels?.classes ?? 0;
  const latents = Float32Array.from({ length: SAMPLES * latent.dim }, normals(uniforms(seed + JUDGED_SEED)));
  return {
    queueStep() {
      const batch = dataset.source?.nextBatch(batchSize * discriminatorUpdates);
      if (!batch) throw new Error("there are no data");
      session.step(batch.samples, classes > 0 ? batch.labels ?? undefined : undefined);
    },
    finishSteps: () => session.readMetrics(),
    async draw(first, count) {
      const asked = classes > 0 ? Uint8Array.from({ length: count }, (_, row) => (first + row) % classes) : null;
      const rows = latents.subarray(first * latent.dim, (first + count) * latent.dim);
      return { samples: await session.generate(rows, true, asked ?? undefined), labels: asked };
    },
  };
}

/**
 * @param {import("../protocol.d.ts").SourceSpec} spec
 * @param {import("../../src/types.d.ts").SampleShape} shape
 * @param {import("../worker/data/batch-order.js").Permutation} permutation
 * @returns {Promise<Dataset>} with its first shard; the others follow by themselves
 */
function firstData(spec, shape, permutation) {
  return new Promise((resolve, reject) => {
    const dataset = new Dataset(spec, shape, permutation, () => new Float32Array(0), { report: () => {}, sourceChanged: () => resolve(dataset) });
    void dataset.load("default").then(() => reject(new Error(dataset.failures.join(" "))));
  });
}
