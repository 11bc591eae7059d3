// How long a workload takes: the median of its times after a warm-up.

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{median: number, first: number} & import("./bench.js").Info} Measured times in ms, and what `info()` tells */

/** Number of runs before those that count: the first ones compile. */
const WARM_UP = 3;
/** Least number of measured runs, and least time that they take together, ms. */
const MIN_STEPS = 20;
const MIN_MS = 2000;
/** Longest time for which the page does not answer, but for a single step, ms. */
const FRAME_EVERY_MS = 100;

/**
 * @param {Bench} bench
 * @param {string} workload
 * @returns {Promise<Measured>}
 */
export async function measure(bench, workload) {
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

/** @returns {Promise<unknown>} settles when the page draws next */
export function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
