import assert from "node:assert/strict";
import { test } from "node:test";
import { FaceSource, ImageSource } from "../../www/worker/data/source.js";
import { Training } from "../../www/worker/training.js";

/** @typedef {import("../../src/types.d.ts").StepRecord} StepRecord */

/** @type {StepRecord} */
const NOTHING = {
  step: 0, lossD: null, lossDReal: null, lossDFake: null, lossG: null,
  penalty: null, penaltyReal: null, penaltyFake: null, penaltyApproximated: null, gradientNorm: null, gradientNormFake: null,
  logitReal: null, logitFake: null, logitGenerated: null, scoreReal: null, scoreFake: null, scoreGenerated: null,
};

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
    return /** @type {any} */ ({ classes: 0, seed: 1, generator: { parameters: this.parameters_ }, discriminator: { parameters: this.parameters_ } });
  }

  /** @param {Float32Array} real */
  step(real) {
    this.steps += 1;
    this.batches.push(real.length);
    this.#record({ lossD: 1 / this.steps, lossG: 2, scoreReal: 0.5, scoreFake: 0.4, logitReal: 3, penalty: 0.1 });
  }

  /** @param {Float32Array} real */
  discriminatorStep(real) {
    this.batches.push(real.length);
    this.#record({ lossD: 9, scoreReal: 0.9, scoreFake: 0.1, logitReal: 2 });
  }

  /** @param {number} batch */
  generatorStep(batch) {
    this.generatorBatch = batch;
    this.#record({ lossG: 8 });
  }

  /** @param {Partial<StepRecord>} record */
  #record(record) {
    this.records.push({ ...NOTHING, ...record, step: this.steps });
    this.queued += 1;
    this.mostQueued = Math.max(this.mostQueued, this.queued);
  }

  async readMetrics() {
    this.queued = 0;
    return this.records.splice(0);
  }

  /** @type {{averaged: boolean, step: number}[]} */
  pictures = [];

  /**
   * @param {boolean} averaged
   * @returns {Promise<Float32Array>} 64 faces
   */
  async samples(averaged) {
    this.pictures.push({ averaged, step: this.steps });
    return Float32Array.from({ length: 64 * 4 }, (_, i) => i);
  }

  async parameters() {
    return [];
  }
}

/**
 * On five faces of four values.
 * @param {CountingSession} session
 * @param {{batchSize?: number, discriminatorUpdates?: number}} [config]
 * @param {((rows: import("../../www/protocol.d.ts").EpochRow[]) => void) | null} [onEpochs]
 * @returns {Training}
 */
function trainingOf(session, { batchSize = 1, discriminatorUpdates = 1 } = {}, onEpochs = null) {
  const faces = new FaceSource("F", Float32Array.from({ length: 20 }, (_, i) => i), 4);
  return new Training(/** @type {any} */ (session), { batchSize, discriminatorUpdates }, () => faces, onEpochs);
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
  const figures = [frame.lossD, frame.lossG, frame.scoreReal, frame.scoreFake, frame.logitReal, frame.penalty];
  assert.deepEqual(figures, [9, 8, 0.9, 0.1, 2, 0.1], "each figure is the latest measured");
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

test("every update of D has a batch of its own, and G's phase is told one batch", async () => {
  const session = new CountingSession();
  const training = trainingOf(session, { batchSize: 2, discriminatorUpdates: 5 });
  await training.step("both");
  await training.step("discriminator");
  await training.step("generator");
  assert.deepEqual(session.batches, [2 * 5 * 4, 2 * 5 * 4]); // batch, updates, values of a face
  assert.equal(session.generatorBatch, 2);
  assert.ok(Math.abs((await training.frame()).epoch - 4) < 1e-9, "20 of 5 faces are four passes");
});

test("a frame shows the average of the weights unless the raw ones are asked for", async () => {
  const session = new CountingSession();
  const training = trainingOf(session);
  await training.frame();
  training.averaged = false;
  await training.frame();
  assert.deepEqual(session.pictures.map(({ averaged }) => averaged), [true, false]);
});

test("each epoch is told once, with its mean losses and a picture of its last step", async () => {
  const session = new CountingSession();
  /** @type {import("../../www/protocol.d.ts").EpochRow[]} */
  const rows = [];
  const training = trainingOf(session, {}, (more) => void rows.push(...more));
  training.averaged = false;
  for (let i = 0; i < 11; i++) await training.step("both");
  assert.deepEqual(rows.map(({ epoch, step }) => [epoch, step]), [[1, 5], [2, 10]]);
  const mean = (/** @type {number[]} */ steps) => steps.reduce((sum, step) => sum + 1 / step, 0) / steps.length;
  [mean([1, 2, 3, 4, 5]), mean([6, 7, 8, 9, 10])].forEach((lossD, i) => assert.ok(Math.abs(Number(rows[i].lossD) - lossD) < 1e-12));
  assert.equal(rows[0].lossG, 2);
  assert.deepEqual(session.pictures, [{ averaged: false, step: 5 }], "the second came within a second of the first");
  assert.deepEqual(rows.map(({ picture }) => picture?.length), [16 * 4, undefined]);
});

test("while it trains, the picture of an epoch is of its end, not of a step after it", async () => {
  const session = new CountingSession();
  /** @type {import("../../www/protocol.d.ts").EpochRow[]} */
  const rows = [];
  const training = trainingOf(session, {}, (more) => void rows.push(...more));
  training.fitting = 100;
  const loop = training.run(macrotask);
  for (let i = 0; i < 10; i++) await macrotask();
  training.running = false;
  await loop;
  assert.equal(session.pictures[0].step, 5);
  assert.ok(rows.length >= 2);
  assert.deepEqual(rows.map(({ epoch }) => epoch), rows.map((_, i) => i + 1), "losses are told of every epoch");
  assert.deepEqual(rows.map(({ step }) => step), rows.map((_, i) => 5 * (i + 1)));
});

test("without data no step is taken, and the loop ends by itself", async () => {
  const session = new CountingSession();
  const training = new Training(/** @type {any} */ (session), { batchSize: 1, discriminatorUpdates: 1 }, () => null);
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

/**
 * @param {number} classes that the networks are told
 * @param {ReadonlyArray<number> | null} chosen
 * @param {import("../../src/types.d.ts").UpdateOrder} [order]
 * @returns {{training: Training, seen: Record<string, any[]>}} on six images of one value, labelled 0 1 2 0 1 2
 */
function labelledTraining(classes, chosen, order = "joint") {
  const source = new ImageSource("L", { width: 1, height: 1, range: [0, 255] }, [6], (n) => Uint32Array.from({ length: n }, (_, i) => i), ["a", "b", "c"]);
  source.add(0, Uint8Array.of(0, 1, 2, 3, 4, 5), Uint8Array.of(0, 1, 2, 0, 1, 2));
  source.choose(chosen);
  const session = /** @type {any} */ (new CountingSession());
  const { info } = session;
  session.info = () => ({ ...info.call(session), classes, seed: 1 });
  /** @type {Record<string, any[]>} */
  const seen = {};
  session.config = () => ({ order, loss: { type: "bce" }, generatorUpdates: 1 });
  session.drawLatents = (/** @type {number} */ count) => new Float32Array(count);
  /** @type {(real: Float32Array, forD: Float32Array, forG: Float32Array | null, options: any) => void} */
  session.stepWith = (real, forD, forG, options) => {
    seen.stepWith = [options.labels, options.discriminatorLabels, options.generatorLabels];
    seen.latents = [forD.length, forG?.length];
    CountingSession.prototype.step.call(session, real);
  };
  for (const name of ["step", "discriminatorStep", "generatorStep"]) {
    const method = session[name];
    seen[name] = [];
    session[name] = (/** @type {unknown} */ what, /** @type {Uint8Array | undefined} */ labels) => {
      seen[name].push(labels);
      method.call(session, what);
    };
  }
  return { training: new Training(session, { batchSize: 2, discriminatorUpdates: 1 }, () => source), seen };
}

test("every kind of step hands on the labels of its samples, where the networks are told any", async () => {
  const { training, seen } = labelledTraining(3, null);
  for (const request of /** @type {const} */ (["both", "discriminator", "generator"])) await training.step(request);
  assert.deepEqual(seen.step, [Uint8Array.of(0, 1)]);
  assert.deepEqual(seen.discriminatorStep, [Uint8Array.of(2, 0)]);
  assert.deepEqual(seen.generatorStep, [undefined], "the session draws the classes of fakes");

  const told = labelledTraining(0, null);
  for (const request of /** @type {const} */ (["both", "discriminator", "generator"])) await told.training.step(request);
  assert.deepEqual(Object.values(told.seen).flat(), [undefined, undefined, undefined]);
});

test("with a choice of classes the fakes of a step are of those classes too", async () => {
  const among = (/** @type {Uint8Array} */ labels) => labels.length === 2 && labels.every((label) => label === 0 || label === 2);
  const { training, seen } = labelledTraining(3, [0, 2]);
  for (let i = 0; i < 20; i++) {
    await training.step("both");
    assert.ok(seen.stepWith.every(among), String(seen.stepWith));
    await training.step("generator");
    assert.ok(among(seen.generatorStep[i]));
  }
  assert.deepEqual([seen.step, seen.latents], [[], [2, 2]]);
  const same = labelledTraining(3, [0, 2], "sumSameZ");
  await same.training.step("both");
  assert.deepEqual([same.seen.latents, same.seen.stepWith[2]], [[2, undefined], undefined], "G is updated on the same fakes");
  assert.equal(same.training.latest.step, 1);
});

test("time in between is none of training", async () => {
  const training = trainingOf(new CountingSession());
  let looks = 0;
  training.between = async () => {
    looks += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (looks === 5) training.running = false;
  };
  const start = performance.now();
  await training.run(macrotask);
  const all = performance.now() - start;
  assert.ok(training.trainedMs > 0 && training.trainedMs <= all - 5 * 19, `${training.trainedMs} of ${all} ms`);
  const before = training.trainedMs;
  await training.step("both");
  assert.ok(training.trainedMs > before);
});
