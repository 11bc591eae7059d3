// How long a step takes on each device, and how to say it. Pure: knows no worker, no page, and no clock but the one it is given.

/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */
/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../protocol.d.ts").Speed} Speed */

/** Steps before the times count: the first ones compile. */
const WARM_UP_STEPS = 3;
/** Measured at least so many times, and for at least so long, ms. */
const MIN_TIMES = 5;
const MIN_MS = 2000;
/** Steps shorter than this are timed several at once, ms: some browsers' clocks tick once in a millisecond. */
const MIN_TIMED_MS = 10;
/** Less than this is no difference. */
const LEAST_RATIO = 1.1;

/**
 * A device without details, for sentences.
 * @type {Record<BackendKind, string>}
 */
export const DEVICE_NAMES = { cpu: "the CPU", webgpu: "WebGPU" };

/**
 * @param {() => Promise<void>} step settles when the step is done
 * @param {() => number} now ms
 * @returns {Promise<number>} median time of a step, ms
 */
export async function medianStepMs(step, now) {
  for (let i = 0; i < WARM_UP_STEPS; i++) await step();
  /** @type {number[]} */
  const times = [];
  const begin = now();
  while (times.length < MIN_TIMES || now() - begin < MIN_MS) {
    const start = now();
    let steps = 0;
    do {
      await step();
      steps += 1;
    } while (now() - start < MIN_TIMED_MS);
    times.push((now() - start) / steps);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1];
}

/**
 * Makes up samples for one step, spread evenly over the range.
 * @param {Pick<GanConfig, "shape" | "batchSize" | "discriminatorUpdates">} config
 * @returns {Float32Array} row-major [discriminatorUpdates * batchSize, width * height]
 */
export function madeUpSamples({ shape, batchSize, discriminatorUpdates }) {
  const [low, high] = shape.range;
  const length = discriminatorUpdates * batchSize * shape.width * shape.height;
  return Float32Array.from({ length }, (_, i) => low + (high - low) * ((i * 0.618) % 1));
}

/**
 * @param {readonly Speed[]} speeds one of each device
 * @returns {BackendKind | null} the faster device, or the only one that works; null: there is no such device
 */
export function fasterOf(speeds) {
  const [best, next] = ranked(speeds);
  if (!best || (next && next.stepMs / best.stepMs < LEAST_RATIO)) return null;
  return best.backend;
}

/**
 * @param {readonly Speed[]} speeds one of each device
 * @returns {string} "CPU 42 ms a step, WebGPU (ada) 410 ms: the CPU is 9.8 times as fast here."
 */
export function speedText(speeds) {
  const problems = speeds.flatMap((speed) => ("problem" in speed ? [`${speed.name} could not be measured: ${speed.problem.replace(/\.$/, "")}.`] : []));
  const measured = speeds.flatMap((speed) => ("stepMs" in speed ? [speed] : []));
  if (problems.length > 0) return [...measured.map(({ name, stepMs }) => `${name} ${milliseconds(stepMs)} a step.`), ...problems].join(" ");

  const times = measured.map(({ name, stepMs }, i) => `${name} ${milliseconds(stepMs)}${i === 0 ? " a step" : ""}`).join(", ");
  const [best, next] = ranked(speeds);
  if (fasterOf(speeds) === null) return `${times}: they are about equally fast here.`;
  const ratio = next.stepMs / best.stepMs;
  return `${times}: ${DEVICE_NAMES[best.backend]} is ${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString("en")} times as fast here.`;
}

/**
 * @param {readonly Speed[]} speeds
 * @returns {Extract<Speed, {stepMs: number}>[]} those that were measured, fastest first
 */
function ranked(speeds) {
  return speeds.flatMap((speed) => ("stepMs" in speed ? [speed] : [])).sort((a, b) => a.stepMs - b.stepMs);
}

/**
 * @param {number} ms
 * @returns {string} two digits at least
 */
function milliseconds(ms) {
  return `${ms < 10 ? Number(ms.toPrecision(2)) : Math.round(ms).toLocaleString("en")} ms`;
}
