import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FaceSource } from "../../www/worker/data/source.js";
import { substepsOf } from "../../www/config/substeps.js";
import { Substeps } from "../../www/worker/substeps.js";
import { toyTrainingOf } from "../../www/worker/toy-training.js";
import { notebookSamples, notebookPlot, Trail, TRAIL_CAPACITY } from "../../www/worker/trail.js";
import { Training } from "../../www/worker/training.js";

/** Writes down what is asked of it, and draws 0.1, 0.2, … */
class Scribe {
  /** @type {string[]} */
  said = [];
  draws = 0;
  /** @type {any[]} */
  records = [];
  steps = 0;

  info() {
    return { latentDim: 1, generator: { parameters: 8 }, discriminator: { parameters: 5 } };
  }

  config() {
    return { generator: { learningRate: 0.1 }, discriminator: { learningRate: 0.2 } };
  }

  drawLatents() {
    this.draws += 1;
    return Float32Array.of(this.draws / 10);
  }

  /**
   * @param {string} what
   * @param {Float32Array} inputs
   */
  #say(what, inputs) {
    this.said.push(`${what} ${[...inputs].map((x) => x.toFixed(1)).join(" ")}`);
  }

  /**
   * @param {import("../../src/types.d.ts").Update} update
   * @param {Float32Array} inputs
   */
  update(update, inputs) {
    this.#say(update, inputs);
    if (update === "generated") this.steps += 1;
    const last = this.said.filter((line) => /^(real|fake) /.test(line)).length % 2 === 0;
    const isGenerated = update === "generated";
    this.records.push({ step: this.steps, lossD: isGenerated || !last ? null : 3, lossDReal: 1, lossDFake: 2, lossG: isGenerated ? 4 : null });
  }

  /**
   * @param {Float32Array} real
   * @param {Float32Array} latent
   */
  stepWith(real, latent) {
    this.#say("step", Float32Array.of(...real, ...latent));
    this.steps += 1;
    this.records.push({ step: this.steps, lossD: 3, lossG: 4 });
  }

  async gradients() {
    return [];
  }

  /**
   * @param {Float32Array} latents
   * @returns {Promise<Float32Array>}
   */
  async generate(latents) {
    return Float32Array.of(latents[0], 0);
  }

  /**
   * @param {Float32Array} samples
   * @returns {Promise<Float32Array>}
   */
  async scores(samples) {
    return samples.map(() => 0.5);
  }

  async parameters() {
    return [{ network: "generator", name: "0.weight", shape: [1], values: Float32Array.of(this.steps) }];
  }

  async readMetrics() {
    return this.records.splice(0);
  }

  async samples() {
    return new Float32Array(128);
  }
}

/**
 * @param {Scribe} scribe
 * @param {"realThenFakeSameLatents" | "fakeThenGeneratorThenReal" | "joint"} order
 * @returns {{training: Training, toy: import("../../www/worker/toy-training.js").ToyTraining}} on two faces of two values
 */
function trainingOf(scribe, order) {
  const faces = new FaceSource("F", Float32Array.of(1, 0, 0, 1), 2);
  const training = new Training(/** @type {any} */ (scribe), { batchSize: 1, discriminatorUpdates: 1 }, () => faces);
  return { training, toy: /** @type {any} */ (toyTrainingOf(training, { order })) };
}

test("substeps ask the session for the updates of the order, on one face and one z", async () => {
  for (const [order, expected] of /** @type {const} */ ([
    ["realThenFakeSameLatents", ["real 1.0 0.0", "fake 0.1", "generated 0.1"]],
    ["fakeThenGeneratorThenReal", ["fake 0.1", "generated 0.1", "real 1.0 0.0"]],
  ])) {
    const scribe = new Scribe();
    const { training, toy } = trainingOf(scribe, order);
    const names = [];
    for (let i = 0; i < 8; i++) names.push((await toy.substep(null))?.name);
    assert.deepEqual(names, substepsOf(order));
    assert.deepEqual(scribe.said, expected);
    assert.equal(toy.substeps.underWay, false);
    assert.deepEqual([training.latest.lossD, training.latest.lossG, training.epoch], [3, 4, 0.5]);
  }
});

test("a given z is taken instead of a drawn one, and an update tells its own loss and rate", async () => {
  const scribe = new Scribe();
  const { toy } = trainingOf(scribe, "realThenFakeSameLatents");
  const done = [];
  for (let i = 0; i < 8; i++) done.push(await toy.substep(Float32Array.of(0.7)));
  assert.equal(scribe.draws, 0);
  assert.deepEqual(scribe.said.slice(1), ["fake 0.7", "generated 0.7"]);
  assert.deepEqual(done.map((one) => one?.loss), [null, null, 1, null, null, null, 2, 4]);
  assert.deepEqual(done.map((one) => one?.learningRate), [null, null, 0.2, null, null, null, 0.2, 0.1]);
});

test("Step completes the step that was begun; training completes it first", async () => {
  const scribe = new Scribe();
  const { training, toy } = trainingOf(scribe, "realThenFakeSameLatents");
  for (let i = 0; i < 5; i++) await toy.substep(null);
  await training.step("both");
  assert.deepEqual(scribe.said, ["real 1.0 0.0", "fake 0.1", "generated 0.1"]);
  await toy.substep(null);
  await training.step("epoch");
  assert.equal(training.epoch, 2, "the rest of the step ends the first epoch, the next two are the second");
  assert.equal(scribe.steps, 4);
});

test("latents that were loaded come before any that are drawn", async () => {
  const scribe = new Scribe();
  const { training, toy } = trainingOf(scribe, "realThenFakeSameLatents");
  toy.substeps.given = Float32Array.of(0.8, 0.9);
  for (let i = 0; i < 3; i++) await training.step("both");
  assert.deepEqual(scribe.said.filter((line) => line.startsWith("generated")), ["generated 0.8", "generated 0.9", "generated 0.1"]);
});

test("a replay takes whole steps but where a state is kept, and keeps every state at first", async () => {
  const scribe = new Scribe();
  const { training, toy } = trainingOf(scribe, "realThenFakeSameLatents");
  await training.frame(); // keeps the state before the first step
  await toy.replay(600);
  assert.equal(scribe.steps, 600);
  const frame = await training.frame();
  assert.ok(frame.trail);
  assert.ok(frame.trail.step.length > TRAIL_CAPACITY / 2 && frame.trail.step.length <= TRAIL_CAPACITY);
  frame.trail.step.forEach((step, i) => assert.equal(frame.trail?.values[2 * i], step, "the state is that of its step"));
  assert.ok(scribe.said.some((line) => line.startsWith("step ")));
});

test("orders that look at both halves at once have no substeps", async () => {
  assert.equal(substepsOf("joint"), null);
  const { training, toy } = trainingOf(new Scribe(), "joint");
  assert.equal(toy, null);
  assert.equal((await training.frame()).next, null);
});

test("a substep knows what comes next", () => {
  const steps = new Substeps(/** @type {any} */ (new Scribe()), ["face", "judgeFace"]);
  assert.equal(steps.next, "face");
  assert.equal(steps.underWay, false);
});

test("a trail keeps evenly spaced states in bounded memory", () => {
  const trail = new Trail(8);
  for (let step = 0; step <= 100; step++) trail.add(step, [step, -step]);
  const { step, values, width } = trail.columns();
  assert.deepEqual([...step], [0, 16, 32, 48, 64, 80, 96]);
  assert.equal(width, 2);
  assert.deepEqual([...values.slice(0, 4)], [0, -0, 16, -16]);
});

test("the notebook's plot is computed as the notebook does, from the scores of one-pixel pictures", () => {
  // Column d_loss_notebook_plot of the fixture at step 1, from D as it was after its update on the face; tests/fixtures/README.md.
  const fixture = JSON.parse(readFileSync(new URL("../fixtures/toy/fixture_seed42.json", import.meta.url), "utf8"));
  const [face, z, rate] = [fixture.faces[0], fixture.z[0], fixture.learning_rate];
  const sigmoid = (/** @type {number} */ s) => 1 / (1 + Math.exp(-s));
  const score = (/** @type {number[]} */ w, /** @type {number} */ b, /** @type {ArrayLike<number>} */ x) => (
    sigmoid(w.reduce((sum, weight, i) => sum + weight * x[i], b))
  );
  const { d_weights: w0, d_bias: b0 } = fixture.init;
  const miss = 1 - score(w0, b0, face);
  const [w, b] = [w0.map((/** @type {number} */ weight, /** @type {number} */ i) => weight + rate * miss * face[i]), b0 + rate * miss];
  const pictures = notebookSamples(Float32Array.from(face), z);
  assert.equal(pictures.length, 20);
  const scores = Array.from({ length: 5 }, (_, i) => score(w, b, pictures.subarray(4 * i, 4 * i + 4)));
  const expected = fixture.checkpoints["1"].losses_recorded_in_this_step.d_loss_notebook_plot;
  assert.ok(Math.abs(notebookPlot(scores) - expected) < 1e-6, `${notebookPlot(scores)}, the fixture has ${expected}`);
});
