import assert from "node:assert/strict";
import { test } from "node:test";
import { fasterOf, speedText } from "../../www/page/speeds.js";
import { madeUpLabels, madeUpSamples, medianStepMs } from "../../www/worker/speed.js";

/** @typedef {import("../../www/protocol.d.ts").Speed} Speed */

/**
 * @param {number} cpuMs
 * @param {number} webGpuMs
 * @returns {Speed[]}
 */
const both = (cpuMs, webGpuMs) => [
  { backend: "cpu", name: "CPU", stepMs: cpuMs },
  { backend: "webgpu", name: "WebGPU (ada)", stepMs: webGpuMs },
];
/** @type {Speed} */
const NO_GPU = { backend: "webgpu", name: "WebGPU", problem: "no WebGPU adapter answered" };

/**
 * Steps of given lengths on a clock of their own; the last length goes on for ever.
 * @param {number[]} lengths ms
 * @returns {{step: () => Promise<void>, now: () => number, taken: () => number}}
 */
function clock(lengths) {
  let time = 0;
  let taken = 0;
  return {
    step: async () => void (time += lengths[Math.min(taken++, lengths.length - 1)]),
    now: () => time,
    taken: () => taken,
  };
}

test("the first three steps do not count, and one slow step does not move the median", async () => {
  const { step, now } = clock([5000, 700, 60, 40, 40, 900, 40]);
  assert.equal(await medianStepMs(step, now), 40);
});

test("slow steps are measured five times, quick ones for two seconds", async () => {
  const slow = clock([3000]);
  await medianStepMs(slow.step, slow.now);
  assert.equal(slow.taken(), 3 + 5);
  const quick = clock([25]);
  await medianStepMs(quick.step, quick.now);
  assert.equal(quick.taken(), 3 + 2000 / 25);
});

test("a step shorter than a tick of the clock is still measured", async () => {
  const { step, now } = clock([0.25]);
  assert.equal(await medianStepMs(step, () => Math.floor(now())), 0.25);
});

test("made-up samples fill a step of the configuration, in its range", () => {
  const samples = madeUpSamples({ shape: { width: 28, height: 28, range: [-1, 1] }, batchSize: 4, discriminatorUpdates: 5 });
  assert.equal(samples.length, 5 * 4 * 784);
  assert.ok(samples.every((value) => value >= -1 && value <= 1));
  assert.ok(Math.min(...samples) < -0.99 && Math.max(...samples) > 0.99);
});

test("the sentence names both devices, their times and the faster", () => {
  assert.equal(speedText(both(42, 410)), "CPU 42 ms a step, WebGPU (ada) 410 ms: the CPU is 9.8 times as fast here.");
  assert.equal(speedText(both(41.7, 2.345)), "CPU 42 ms a step, WebGPU (ada) 2.3 ms: WebGPU is 18 times as fast here.");
  assert.equal(speedText(both(0.0212, 31)), "CPU 0.021 ms a step, WebGPU (ada) 31 ms: the CPU is 1,462 times as fast here.");
  assert.equal(fasterOf(both(42, 410)), "cpu");
  assert.equal(fasterOf(both(41.7, 2.3)), "webgpu");
});

test("devices within a tenth of each other are equally fast", () => {
  assert.equal(speedText(both(42, 45)), "CPU 42 ms a step, WebGPU (ada) 45 ms: they are about equally fast here.");
  assert.equal(fasterOf(both(42, 45)), null);
});

test("a device that fails is told with its reason, and the other one is the choice", () => {
  const [cpu] = both(42, 1);
  assert.equal(speedText([cpu, NO_GPU]), "CPU 42 ms a step. WebGPU could not be measured: no WebGPU adapter answered.");
  assert.equal(fasterOf([cpu, NO_GPU]), "cpu");
  const broken = /** @type {Speed} */ ({ backend: "cpu", name: "CPU", problem: "RuntimeError: unreachable." });
  assert.equal(speedText([broken, NO_GPU]), "CPU could not be measured: RuntimeError: unreachable. WebGPU could not be measured: no WebGPU adapter answered.");
  assert.equal(fasterOf([broken, NO_GPU]), null);
});

test("made-up samples have made-up classes where networks are told any", () => {
  const labels = { classes: 3, generator: /** @type {const} */ ("oneHot"), discriminator: { type: /** @type {const} */ ("projection") } };
  assert.deepEqual([...(madeUpLabels({ labels, batchSize: 2, discriminatorUpdates: 2 }) ?? [])], [0, 1, 2, 0]);
  assert.equal(madeUpLabels({ labels: null, batchSize: 2, discriminatorUpdates: 2 }), undefined);
});
