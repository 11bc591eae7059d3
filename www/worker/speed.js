// How long a step takes. Pure: knows no clock but the one it is given.

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */

/** Steps before the times count: the first ones compile. */
const WARM_UP_STEPS = 3;
/** Least number of measured runs, and least time that they take together, ms. */
const MIN_TIMES = 5;
const MIN_MS = 2000;
/** Steps shorter than this are timed several at once, ms: some browsers' clocks tick once in a millisecond. */
const MIN_TIMED_MS = 10;

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
 * @param {Pick<GanConfig, "labels" | "batchSize" | "discriminatorUpdates">} config
 * @returns {Uint8Array | undefined} a class for each of those samples, in turn; undefined: these networks are told none
 */
export function madeUpLabels({ labels, batchSize, discriminatorUpdates }) {
  return labels ? Uint8Array.from({ length: discriminatorUpdates * batchSize }, (_, i) => i % labels.classes) : undefined;
}
