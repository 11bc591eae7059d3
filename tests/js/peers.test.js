import assert from "node:assert/strict";
import { test } from "node:test";
import * as random from "../../www/random.js";
import { workloadConfig } from "../../www/bench/workloads.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */

// By an address that the type checker does not follow: benches/peers has no types.
const { countedColumns, inputsOf, rateAt, withLabels, workloadOf } = await import(new URL("../../benches/peers/networks.js", import.meta.url).href);

const BASE = /** @type {GanConfig} */ ({ shape: { width: 28, height: 28, range: [-1, 1] } });
const config = (/** @type {string} */ name) => workloadConfig(name, () => BASE);

/**
 * @param {GanConfig["generator"]} player
 * @returns {number[]} widths or channels of its layers with weights, in order
 */
function sizes(player) {
  return player.layers.flatMap((layer) => {
    if (layer.type === "linear") return [layer.units];
    return layer.type === "conv2d" || layer.type === "convTranspose2d" ? [layer.channels] : [];
  });
}

for (const name of ["mlp-b64", "mlp-b256", "dcgan-b64", "digits-b32", "digits-b64"]) {
  test(`the peers' ${name} is ours`, () => {
    const [ours, theirs] = [config(name), workloadOf(name)];
    assert.equal(theirs.batch, ours.batchSize);
    assert.equal(theirs.latent, ours.latent.dim);
    assert.equal(theirs.classes, ours.labels?.classes ?? 0);
    assert.equal(theirs.r1, ours.gradientPenalties.r1);
    for (const [key, player] of /** @type {const} */ ([["g", ours.generator], ["d", ours.discriminator]])) {
      const layers = theirs[key].filter((/** @type {object} */ layer) => "to" in layer);
      assert.deepEqual(layers.map((/** @type {{to: number}} */ { to }) => to), sizes(player), key);
      const norms = theirs[key].filter((/** @type {{kind: string}} */ { kind }) => kind === "norm");
      assert.equal(norms.length, player.layers.filter(({ type }) => type === "batchNorm").length);
      assert.deepEqual({ type: "adam", ...theirs.adam }, player.optimizer);
      assert.equal(theirs.rate, player.learningRate);
    }
  });
}

test("the peers' learning rate falls as our schedule does", () => {
  assert.deepEqual(config("digits-b32").schedule, { type: "inverseSqrt", from: 250 });
  const workload = workloadOf("digits-b32");
  assert.deepEqual([1, 250, 1000].map((update) => rateAt(workload, update)), [5e-3, 5e-3, 2.5e-3]);
  assert.equal(rateAt(workloadOf("mlp-b64"), 1000), 2e-4);
});

test("a label is one-hot behind its latent, and counts the shared output and the class's own", () => {
  const labels = Uint8Array.of(2, 0);
  assert.deepEqual([...withLabels(labels, 3, Float32Array.of(7, 8, 9, 6))], [7, 8, 0, 0, 1, 9, 6, 1, 0, 0]);
  assert.deepEqual([...countedColumns(labels, 3)], [1, 0, 0, 1, 1, 1, 0, 0]);
});

test("all peers are given the same inputs, and real samples with their own labels", () => {
  const rows = 40;
  const data = { reals: Float32Array.from({ length: rows * 784 }, (_, i) => Math.floor(i / 784)), labels: Uint8Array.from({ length: rows }, (_, i) => i % 7) };
  const [first, second] = [inputsOf("digits-b32", 7, data, random), inputsOf("digits-b32", 7, data, random)];
  assert.deepEqual(first.weights, second.weights);
  for (const inputs of [first, second]) inputs.taken = [inputs.nextReal(), inputs.nextLabels(), inputs.nextZ(), inputs.nextFakeLabels()];
  assert.deepEqual(first.taken, second.taken);
  const next = first.nextReal();
  assert.deepEqual([...first.nextLabels()], Array.from({ length: 32 }, (_, row) => next[row * 784] % 7), "beyond the last sample it begins anew");
  const fakes = first.nextFakeLabels();
  assert.ok(fakes.length === 32 && fakes.every((/** @type {number} */ label) => label < 10) && new Set(fakes).size > 3);
  // By hand: G 19,200 + 512 + 201,488 + 1,568 + 2,056 + 16 + 129, D 136 + 2,064 + 100,480 + 1,409, whose last layer has one bias only.
  const count = (/** @type {Record<string, {data: Float32Array}>} */ tensors) => Object.values(tensors).reduce((sum, { data: { length } }) => sum + length, 0);
  assert.deepEqual([count(first.weights.g), count(first.weights.d)], [224969, 104089]);
});
