import assert from "node:assert/strict";
import { test } from "node:test";
import { FaceSource } from "../../www/source.js";
import { Training } from "../../www/training.js";

/** @typedef {import("../../src/types.d.ts").StepRecord} StepRecord */

/** A session that only counts what is asked of it. */
class CountingSession {
  steps = 0;
  /** @type {StepRecord[]} */
  records = [];
  /** @type {number[]} */
  batches = [];
  queued = 0;
  mostQueued = 0;

  /** @param {number} parameters of each network */
  constructor(parameters = 5) {
    this.parameters_ = parameters;
  }

  info() {
    return /** @type {any} */ ({ generator: { parameters: this.parameters_ }, discriminator: { parameters: this.parameters_ } });
  }

  /** @param {Float32Array} real */
  step(real) {
    this.steps += 1;
    this.batches.push(real.length);
    this.#record({ lossD: 1 / this.steps, lossG: 2, scoreReal: 0.5, scoreFake: 0.4 });
  }

  discriminatorStep() {
    this.#record({ lossD: 9, lossG: null, scoreReal: 0.9, scoreFake: 0.1 });
  }

  generatorStep() {
    this.#record({ lossD: null, lossG: 8, scoreReal: null, scoreFake: null });
  }

  /** @param {Omit<StepRecord, "step">} record */
  #record(record) {
    this.records.push({ step: this.steps, ...record });
    this.queued += 1;
    this.mostQueued = Math.max(this.mostQueued, this.queued);
  }

  async readMetrics() {
    this.queued = 0;
    return this.records.splice(0);
  }

  async samples() {
    return new Float32Array(4);
  }

  async parameters() {
    return [];
  }
}

/**
 * @param {CountingSession} session
 * @param {number} [batchSize]
 * @returns {Training}
 */
function trainingOf(session, batchSize = 1) {
  const faces = new FaceSource("F", Float32Array.from({ length: 20 }, (_, i) => i), 4);
  return new Training(/** @type {any} */ (session), batchSize, () => faces);
}

/** @returns {Promise<void>} */
const macrotask = () => new Promise((resolve) => setImmediate(resolve));

test("no step is taken after a pause has been answered", async () => {
  const session = new CountingSession();
  const training = trainingOf(session);
  const loop = training.run(macrotask);
  await macrotask();
  training.running = false;
  await loop;
  const { steps } = session;
  assert.ok(steps > 0);
  for (let i = 0; i < 20; i++) await macrotask();
  assert.equal(session.steps, steps);
  assert.equal(training.latest.step, steps, "the last step's figures were read");
});

test("the loop lets other tasks in while it trains", async () => {
  const training = trainingOf(new CountingSession());
  let heard = false;
  setImmediate(() => {
    heard = true;
    training.running = false;
  });
  await training.run(macrotask); // never ends if nothing else is heard
  assert.ok(heard);
});

test("what is queued unread is bounded", async () => {
  const session = new CountingSession();
  const training = trainingOf(session);
  const loop = training.run(macrotask);
  for (let i = 0; i < 40; i++) await macrotask();
  training.running = false;
  await loop;
  assert.ok(session.mostQueued <= 512, `${session.mostQueued} steps were queued`);
});

test("a step adds exactly one, and single phases add none", async () => {
  const session = new CountingSession();
  const training = trainingOf(session);
  await training.step("both");
  assert.equal((await training.frame()).step, 1);
  await training.step("discriminator");
  await training.step("generator");
  const frame = await training.frame();
  assert.equal(frame.step, 1);
  assert.deepEqual([frame.lossD, frame.lossG, frame.scoreReal, frame.scoreFake], [9, 8, 0.9, 0.1], "each figure is the latest measured");
});

test("an epoch is one pass over the source, also when the batch size changes on the way", async () => {
  const session = new CountingSession();
  const training = trainingOf(session);
  for (let i = 0; i < 5; i++) await training.step("both");
  assert.ok(Math.abs((await training.frame()).epoch - 1) < 1e-9);
  training.batchSize = 10;
  await training.step("both");
  assert.ok(Math.abs((await training.frame()).epoch - 3) < 1e-9);
  assert.equal(session.batches.at(-1), 40);
  await training.step("generator");
  assert.ok(Math.abs((await training.frame()).epoch - 3) < 1e-9, "a generator step shows no images");
});

test("without data no step is taken, and the loop ends by itself", async () => {
  const session = new CountingSession();
  const training = new Training(/** @type {any} */ (session), 1, () => null);
  assert.equal(training.hasData, false);
  assert.equal(await training.step("both"), false);
  await training.run(macrotask);
  assert.equal(session.steps, 0);
});

test("speed is only told while it trains", async () => {
  const session = new CountingSession();
  const training = trainingOf(session);
  assert.equal((await training.frame()).stepsPerSecond, null);
  const loop = training.run(macrotask);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { stepsPerSecond } = await training.frame();
  assert.ok(stepsPerSecond !== null && stepsPerSecond > 0);
  training.running = false;
  await loop;
  assert.equal((await training.frame()).stepsPerSecond, null);
});

test("parameters are sent for small networks only", async () => {
  assert.notEqual((await trainingOf(new CountingSession(5)).frame()).parameters, null);
  assert.equal((await trainingOf(new CountingSession(1000)).frame()).parameters, null);
});

test("what the session throws comes out of the loop, which can then run again", async () => {
  const session = new CountingSession();
  const training = trainingOf(session);
  session.readMetrics = async () => {
    throw new Error("broken");
  };
  await assert.rejects(training.run(macrotask), /broken/);
  assert.equal(training.running, false);
});
