import assert from "node:assert/strict";
import { test } from "node:test";
import { LEVELS } from "../../www/config/judging.js";
import { SAMPLES, nextCheck, passedLimits, timeToQuality } from "../../www/bench/time-to-quality.js";

/** @typedef {import("../../www/bench/time-to-quality.js").Check} Check */

/**
 * A training on a clock of its own: a step takes `stepMs`, pictures and the judge a second each, and the distance is `fdAt` the steps so far.
 * @param {(step: number) => number} fdAt
 * @param {number} [stepMs]
 * @returns {{state: {time: number, queued: number, steps: number, mostQueued: number, judgedSamples: number, labels: number[]},
 *   trainee: import("../../www/bench/time-to-quality.js").Trainee, judge: import("../../www/bench/time-to-quality.js").Judge, now: () => number}}
 */
function made(fdAt, stepMs = 10) {
  const state = { time: 0, queued: 0, steps: 0, mostQueued: 0, judgedSamples: 0, labels: /** @type {number[]} */ ([]) };
  const trainee = {
    queueStep() {
      state.queued++;
      state.steps++;
      state.mostQueued = Math.max(state.mostQueued, state.queued);
      state.time += stepMs;
    },
    async finishSteps() {
      state.queued = 0;
    },
    async draw(/** @type {number} */ first, /** @type {number} */ count) {
      assert.equal(state.queued, 0, "all steps are done before pictures are made");
      state.time += 1000;
      return { samples: new Float32Array(count), labels: Uint8Array.from({ length: count }, (_, row) => (first + row) % 10) };
    },
  };
  const judge = {
    clear() {
      state.judgedSamples = 0;
      state.labels = [];
    },
    look(/** @type {Float32Array} */ samples, /** @type {Uint8Array | undefined} */ labels) {
      state.judgedSamples += samples.length;
      state.labels.push(...(labels ?? []));
    },
    async verdict() {
      state.time += 1000;
      return /** @type {import("../../src/types.d.ts").JudgeScore} */ ({ samples: state.judgedSamples, fd: fdAt(state.steps), confident: 0.5 });
    },
  };
  return { state, trainee, judge, now: () => state.time };
}

test("each distance has the first check that is within it, by the training's own time", async () => {
  const { trainee, judge, now } = made((step) => 1000 / step);
  const report = await timeToQuality(trainee, judge, { now });
  assert.deepEqual(report.passed.map(({ fd }) => fd), LEVELS);
  for (const { fd, check } of report.passed) {
    assert.ok(check);
    const exact = 1000 / fd; // the step from which on the distance is at most fd
    assert.ok(check.step >= exact && check.step <= Math.ceil(1.1 * exact) + 1, `FD ${fd} at step ${check.step}, which is right from ${exact} on`);
    assert.equal(check.seconds, check.step * 0.01, "a step takes 10 ms; drawing and judging do not count");
  }
  assert.equal(report.steps, report.checks.at(-1)?.step, "it ends with the smallest distance");
  assert.equal(report.stepsPerSecond, 100);
});

test("every check is of all the pictures, anew, with the classes they were asked to be", async () => {
  const { state, trainee, judge, now } = made(() => 50);
  const sizes = /** @type {number[]} */ ([]);
  await timeToQuality(trainee, judge, { now, until: { steps: 40 }, onCheck: () => sizes.push(state.judgedSamples) });
  assert.deepEqual(sizes, [SAMPLES, SAMPLES, SAMPLES, SAMPLES]);
  assert.equal(state.labels.length, SAMPLES);
  for (let label = 0; label < 10; label++) assert.equal(state.labels.filter((value) => value === label).length, SAMPLES / 10);
});

test("a distance that is never reached is told as such, and training ends where it was told to", async () => {
  const { trainee, judge, now } = made((step) => 60 - step / 10);
  const bySteps = await timeToQuality(trainee, judge, { now, limits: [55, 30], until: { steps: 105 } });
  assert.equal(bySteps.steps, 105);
  assert.equal(bySteps.checks.at(-1)?.step, 105, "the end is judged, too");
  assert.deepEqual(bySteps.passed.map(({ fd, check }) => [fd, check?.step ?? null]), [[55, 50], [30, null]]);
  const slow = made(() => 80, 1000);
  const bySeconds = await timeToQuality(slow.trainee, slow.judge, { now: slow.now, until: { seconds: 25 } });
  assert.equal(bySeconds.steps, 30, "the check after 25 s is that of step 30");
});

test("a distance that rises again keeps its first time", () => {
  const checks = [120, 90, 110, 40].map((fd, i) => /** @type {Check} */ ({ step: 10 * (i + 1), seconds: i, fd, confident: 0 }));
  assert.deepEqual(passedLimits(checks, [100, 50, 20]).map(({ check }) => check?.step ?? null), [20, 40, null]);
});

test("checks are a tenth apart, and few at the beginning", () => {
  const steps = [0];
  while ((steps.at(-1) ?? 0) < 1000) steps.push(nextCheck(steps.at(-1) ?? 0));
  assert.deepEqual(steps.slice(0, 5), [0, 10, 20, 30, 40]);
  steps.slice(11).forEach((step, i) => assert.ok(step / steps[10 + i] <= 1.11, `${steps[10 + i]} to ${step}`));
  assert.ok(steps.length < 40);
});

test("what is queued on a GPU is bounded, and the page may draw between chunks", async () => {
  const { state, trainee, judge, now } = made(() => 50, 0.01);
  let pauses = 0;
  await timeToQuality(trainee, judge, { now, until: { steps: 3000 }, pause: async () => void pauses++ });
  assert.ok(state.mostQueued <= 64, `${state.mostQueued} steps were queued`);
  assert.ok(pauses > 3000 / 64);
});

test("a step that fails ends it with that error", async () => {
  const { trainee, judge, now } = made(() => 50);
  const broken = { ...trainee, finishSteps: async () => Promise.reject(new Error("loss is NaN")) };
  await assert.rejects(timeToQuality(broken, judge, { now }), /loss is NaN/);
});
