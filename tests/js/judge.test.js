// The judge: when it looks, what it is handed, what is kept, and its words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { briefWords, collapseWords, distanceWords, passedWords, realDistance, uneven, verdictWords } from "../../www/config/judging.js";
import { JudgeWatch } from "../../www/worker/judge.js";
import { FIRST_LOOK_MS, judgedSamples, Rhythm, TRAINING_FOR_LOOK, Verdicts } from "../../www/worker/rhythm.js";

/** @typedef {import("../../www/protocol.d.ts").JudgeReport} JudgeReport */

const INFO = /** @type {JudgeReport["info"]} */ ({
  dataset: "mnist", accuracy: 0.985, realConfident: 0.97, realFd: { 1000: 5.2 }, realFdDeviation: { 1000: 0.3 },
});
const EVEN = Array(10).fill(0.1);

/**
 * @param {Partial<JudgeReport["score"]>} score
 * @param {number[] | null} [classes]
 * @returns {JudgeReport}
 */
function report(score, classes = null) {
  const whole = { samples: 1000, fd: 12, confident: 0.9, agreement: 0.9, diversity: 0.97, modes: 10, classShare: EVEN, ...score };
  return { info: INFO, score: whole, step: 500, seconds: 8, classes, history: new Verdicts().columns(), passed: [], lookMs: 100 };
}

test("looking takes a twentieth of all time, whatever a look costs", () => {
  const rhythm = new Rhythm();
  let [trained, looked, last] = [0, 0, 0];
  while (trained < 600_000) {
    trained += 30;
    if (!rhythm.isDue(trained)) continue;
    const cost = trained < 100_000 ? 80 : 400; // a machine that becomes busy
    looked += cost;
    last = cost;
    rhythm.looked(cost, trained);
  }
  // The training after a look pays for it, so the last one may still be owed.
  assert.ok(TRAINING_FOR_LOOK * (looked - last) <= trained, `${looked} of ${trained + looked} ms`);
  assert.ok(looked / (trained + looked) > 0.04, "it does look");
  assert.equal(TRAINING_FOR_LOOK, 19);
});

test("verdicts stay bounded, the latest among them, and first passings are noted once", () => {
  const verdicts = new Verdicts(8);
  const fds = [300, 90, 120, 40, 9, 30, 4, ...Array(30).fill(6)];
  fds.forEach((fd, i) => verdicts.add(/** @type {any} */ ({ fd, confident: 0.5 }), 10 * (i + 1), i + 1));
  const { step, fd } = verdicts.columns();
  assert.ok(step.length <= 8 && step.length >= 4, `${step.length} are kept`);
  assert.equal(step.at(-1), 10 * fds.length);
  assert.equal(fd.at(-1), 6);
  assert.deepEqual(verdicts.passed.map((row) => [row.fd, row.seconds, row.step]), [[100, 2, 20], [50, 4, 40], [20, 5, 50], [10, 5, 50], [5, 7, 70]]);
  verdicts.add(/** @type {any} */ ({ fd: 7, confident: 0.5 }), 10 * fds.length, 99);
  assert.equal(verdicts.columns().fd.at(-1), 7, "a second look at the same step takes the first one's place");
});

/** A training, a judge and its package that only note what is asked of them. */
class Stage {
  /** @type {{labels: number[] | null, averaged: boolean}[]} */
  generated = [];
  /** @type {number[][]} */
  latents = [];
  /** @type {(number[] | null)[]} */
  looked = [];
  cleared = 0;
  freed = 0;
  opened = 0;
  /** @type {{report: JudgeReport | null, problem: string}[]} */
  reports = [];
  /** @type {string[]} */
  fetched = [];
  status = 200;
  /** @type {() => void} called with each look */
  onLook = () => {};

  constructor({ classes = 10, chosen = /** @type {number[] | null} */ (null) } = {}) {
    const session = {
      info: () => ({ seed: 3, latentDim: 2, backend: "cpu" }),
      config: () => ({ latent: { kind: "normal", dim: 2 } }),
      generate: async (/** @type {Float32Array} */ latents, /** @type {boolean} */ averaged, /** @type {Uint8Array | undefined} */ labels) => {
        this.latents.push([...latents]);
        this.generated.push({ labels: labels ? [...labels] : null, averaged });
        return latents.slice();
      },
    };
    this.training = /** @type {any} */ ({
      session, running: true, trainedMs: FIRST_LOOK_MS, latest: { step: 50 }, chosenClasses: classes ? chosen : null,
      trainedClasses: classes ? (chosen ?? Array.from({ length: classes }, (_, i) => i)) : [],
    });
    const judge = {
      info: () => INFO,
      clear: () => void (this.cleared += 1),
      look: (/** @type {Float32Array} */ samples, /** @type {Uint8Array | undefined} */ labels) => {
        assert.equal(samples.length, 200);
        this.looked.push(labels ? [...labels] : null);
        this.onLook();
      },
      verdict: async () => report({ fd: 30 }).score,
      classify: async (/** @type {Float32Array} */ samples) => samples.slice(0, 10),
      free: () => void (this.freed += 1),
    };
    const module = /** @type {any} */ ({ openJudge: async () => ((this.opened += 1), judge) });
    this.module = module;
    this.watch = new JudgeWatch("mnist", module, this.training, (said, problem) => void this.reports.push({ report: said, problem }),
      () => new Promise((resolve) => setImmediate(resolve)), /** @type {any} */ (async (/** @type {string} */ url) => {
        this.fetched.push(url);
        return new Response(this.status === 200 ? Uint8Array.of(1) : "", { status: this.status });
      }));
  }
}

test("it is fetched when it is first needed, looks at samples of every class, and reports", async () => {
  const stage = new Stage();
  await stage.watch.between();
  assert.deepEqual([stage.fetched, stage.reports], [[], []], "nobody sees it");
  stage.watch.show(true);
  stage.training.trainedMs = FIRST_LOOK_MS - 1;
  await stage.watch.between();
  assert.deepEqual(stage.fetched, [], "too early");
  stage.training.trainedMs = FIRST_LOOK_MS;
  await stage.watch.between();
  assert.equal(stage.fetched.length, 1);
  assert.match(stage.fetched[0], /\/judge\/mnist\.bin$/);
  const labels = stage.looked.flatMap((chunk) => chunk ?? []);
  assert.equal(labels.length, 1000);
  for (let label = 0; label < 10; label++) assert.equal(labels.filter((other) => other === label).length, 100);
  assert.ok(stage.generated.every(({ averaged }) => averaged));
  assert.equal(stage.reports[0].report?.score.fd, 30);
  assert.equal(stage.reports[0].report?.seconds, FIRST_LOOK_MS / 1000);
  await stage.watch.between();
  assert.equal(stage.reports.length, 1, "not due again");
  stage.training.trainedMs += 1e6;
  await stage.watch.between();
  assert.deepEqual([stage.reports.length, stage.fetched.length, stage.opened, stage.cleared], [2, 1, 1, 2]);
  assert.equal(stage.looked.length, 10 + 20, "later it looks at more");
  assert.deepEqual([0, 19_999, 20_000].map(judgedSamples), [1000, 1000, 2000]);
  assert.deepEqual(stage.latents.slice(10, 20), stage.latents.slice(0, 10), "the latents are the same in each look");
});

test("without labels it asks for none, and with a choice for those that were chosen", async () => {
  /** @type {[ConstructorParameters<typeof Stage>[0], number[] | null][]} */
  const cases = [[{ classes: 0 }, null], [{ chosen: [3, 8] }, [3, 8]]];
  for (const [given, expected] of cases) {
    const stage = new Stage(given);
    stage.watch.show(true);
    await stage.watch.between();
    const labels = stage.looked.flatMap((chunk) => chunk ?? []);
    assert.deepEqual(expected && [...new Set(labels)], expected);
    if (!expected) assert.ok(stage.looked.every((chunk) => chunk === null));
    assert.deepEqual(stage.reports[0].report?.classes, expected);
  }
});

test("a pause ends the look without a verdict", async () => {
  const stage = new Stage();
  stage.watch.show(true);
  stage.onLook = () => (stage.training.running = false);
  await stage.watch.between();
  assert.equal(stage.looked.length, 1);
  assert.deepEqual(stage.reports, []);
});

test("at rest it looks at what was trained since, and gives way when training goes on", async () => {
  const stage = new Stage();
  stage.training.running = false;
  stage.watch.show(true);
  await settled(() => stage.reports.length === 1);
  stage.watch.rest(true);
  await macrotasks(20);
  assert.equal(stage.reports.length, 1, "nothing was trained since");
  stage.training.latest = { step: 51 };
  stage.watch.rest(true);
  await settled(() => stage.reports.length === 2);
  assert.equal(stage.reports[1].report?.step, 51);
  stage.training.latest = { step: 52 };
  stage.onLook = () => stage.watch.cancel();
  stage.watch.rest(true);
  await macrotasks(20);
  assert.equal(stage.reports.length, 2);
});

test("data that it does not know are not judged, and drawings of them have no opinion", async () => {
  const stage = new Stage();
  stage.watch.show(true);
  stage.watch.follow(false);
  await stage.watch.between();
  assert.equal(await stage.watch.opinion(new Float32Array(4)), null);
  assert.deepEqual([stage.fetched, stage.reports], [[], []]);
  stage.watch.follow(true);
  assert.notEqual(await stage.watch.opinion(new Float32Array(4)), null);
  await stage.watch.between();
  assert.equal(stage.reports.length, 1);
});

test("a judge that cannot be fetched is told once, and opening it again retries", async () => {
  const stage = new Stage();
  stage.status = 404;
  stage.watch.show(true);
  await stage.watch.between();
  await stage.watch.between();
  assert.equal(stage.reports.length, 1);
  assert.match(stage.reports[0].problem, /mnist\.bin: the server answered 404.*Training goes on without it/);
  assert.equal(await stage.watch.opinion(new Float32Array(4)), null);
  stage.status = 200;
  stage.watch.show(true);
  await stage.watch.between();
  assert.equal(stage.reports[1].report?.score.fd, 30);
});

test("another package opens it anew, and the old one is freed", async () => {
  const stage = new Stage();
  stage.watch.show(true);
  await stage.watch.between();
  stage.watch.moveTo(stage.module);
  stage.training.trainedMs += 1e6;
  await stage.watch.between();
  assert.deepEqual([stage.opened, stage.freed], [2, 1]);
});

test("each figure stands beside that of real images, with its noise", () => {
  assert.deepEqual(realDistance(INFO, 1000), { fd: 5.2, deviation: 0.3 });
  assert.equal(realDistance(INFO, 77), null);
  assert.match(distanceWords(report({})), /^Of 1,000 fresh pictures\. .*real images score 5\.2, give or take 0\.3;/);
  assert.match(distanceWords(report({ samples: 77 })), /^Of 77 .*0 would be perfect/);
  assert.match(distanceWords(report({}, [3, 8])), /all classes, so with a choice of classes it stays large/);
  assert.equal(briefWords(report({ fd: 12 })), "FD 12.0: good");
  assert.equal(briefWords(report({ confident: 0.87 }, [3, 8])), "87 % clearly one class");
  const verdicts = (/** @type {"mnist" | "fashion"} */ dataset) => [400, 60, 20, 10, 5.5].map((fd) => {
    const { info, score } = report({ fd });
    return verdictWords({ info: { ...info, dataset }, score });
  });
  assert.deepEqual(verdicts("mnist"), ["far from real ones", "taking shape", "readable, with slips", "good", "close to real ones"]);
  assert.deepEqual(verdicts("fashion"), ["far from real ones", "far from real ones", "taking shape", "clear, with slips", "close to real ones"]);
});

test("collapse is told: classes far above or below their share, and pictures that are alike", () => {
  const names = EVEN.map((_, i) => `c${i}`);
  assert.equal(collapseWords(report({}), names), "");
  assert.equal(collapseWords(report({ classShare: [0.15, 0.05, ...EVEN.slice(2)] }), names), "", "uneven, and still fair");
  const collapsed = [0, 0.91, ...Array(8).fill(0.09 / 8)];
  assert.deepEqual(uneven(collapsed, null), { over: [1], under: [0, 2, 3, 4, 5, 6, 7, 8, 9] });
  assert.match(collapseWords(report({ classShare: collapsed }), names), /look like c1 \(91 %\).*mode collapse.*Hardly any look like c0 \(0 %\)/);
  assert.match(collapseWords(report({ diversity: 0.3 }), names), /much alike/);
  const two = EVEN.map((_, i) => (i === 3 ? 0.52 : i === 8 ? 0.48 : 0));
  assert.deepEqual(uneven(two, [3, 8]), { over: [], under: [] }, "only the chosen classes are looked for");
  assert.deepEqual(uneven(EVEN.map((_, i) => (i === 3 ? 0.95 : i === 8 ? 0.05 : 0)), [3, 8]), { over: [3], under: [8] });
  assert.deepEqual(passedWords([{ fd: 100, seconds: 2.14, step: 1060 }]), ["100 after 2.1 s, at step 1,060"]);
});

/**
 * @param {number} count
 * @returns {Promise<void>}
 */
async function macrotasks(count) {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 1));
}

/**
 * @param {() => boolean} isSo
 * @returns {Promise<void>} settles when it is so; the test fails by its own expectations otherwise
 */
async function settled(isSo) {
  for (let i = 0; i < 500 && !isSo(); i++) await macrotasks(1);
  assert.ok(isSo());
}
