import assert from "node:assert/strict";
import { test } from "node:test";
import { changesBetween, checkChanges, decodeChanges, encodeChanges, sameValue, withChanges } from "../../www/config/changes.js";
import { hasBatchNorm, insertLayer, newPart, removeLayer, sectionOf, valueAt, withBatchNorm, withValue } from "../../www/config/edits.js";
import { usualLabels, withLabels } from "../../www/config/labels.js";
import { LAYERS, LOSSES, OPTIMIZERS, SCHEDULES } from "../../www/config/parts.js";
import { changedPreset, described } from "../../www/config/settings.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").LayerConfig} LayerConfig */

/** @type {LayerConfig} */
const NORM = { type: "batchNorm", momentum: 0.9, eps: 1e-5 };
/** @type {GanConfig} */
const PRESET = {
  name: "p", shape: { width: 2, height: 2, range: [-1, 1] }, latent: { kind: "normal", dim: 8 }, init: "glorotUniform", batchSize: 64,
  labels: null, gradientPenalties: { r1: null, r2: null, approximatedR1: null }, schedule: { type: "constant" },
  loss: { type: "bce", labelSmoothing: 0 }, order: "joint", discriminatorLossScale: 0.5, discriminatorUpdates: 1, generatorUpdates: 1, emaDecay: 0.995,
  generator: {
    layers: [{ type: "linear", units: 16 }, { type: "leakyRelu", slope: 0.2 }, { type: "linear", units: 4 }, { type: "tanh" }],
    optimizer: { type: "adam", beta1: 0.5, beta2: 0.999, eps: 1e-7 }, learningRate: 1e-3, gradientClipNorm: null,
  },
  discriminator: {
    layers: [{ type: "linear", units: 8 }, { type: "relu" }, { type: "linear", units: 1 }],
    optimizer: { type: "sgd", momentum: 0 }, learningRate: 1e-3, gradientClipNorm: null,
  },
};

/**
 * Edits as the form makes them, one of each kind.
 * @type {[string, (config: GanConfig) => GanConfig][]}
 */
const EDITS = [
  ...Object.keys(LOSSES).map((type) => edit(`loss ${type}`, (config) => withValue(config, "loss", newPart(LOSSES, type, config.loss)))),
  ...Object.keys(OPTIMIZERS).map((type) => edit(`optimizer ${type}`, (config) => withValue(config, "generator.optimizer", newPart(OPTIMIZERS, type)))),
  ...Object.keys(LAYERS).map((type) => edit(`layer ${type}`, (config) => (
    insertLayer(config, "discriminator", 1, /** @type {LayerConfig} */ (newPart(LAYERS, type)))
  ))),
  edit("labels", (config) => withLabels(config, usualLabels(10))),
  edit("labels beside D's values", (config) => withLabels(config, { classes: 10, generator: "off", discriminator: { type: "concat", scale: 2 } })),
  edit("R1", (config) => withValue(config, "gradientPenalties.r1", 0.5)),
  edit("approximated R1", (config) => withValue(config, "gradientPenalties.approximatedR1", { weight: 100, deviation: 0.01 })),
  ...Object.keys(SCHEDULES).map((type) => edit(`schedule ${type}`, (config) => withValue(config, "schedule", newPart(SCHEDULES, type)))),
  edit("no average", (config) => withValue(config, "emaDecay", null)),
  edit("updates", (config) => withValue(config, "discriminatorUpdates", 5)),
  edit("latent", (config) => withValue(config, "latent.dim", 100)),
  edit("order", (config) => withValue(config, "order", "sumSameZ")),
  edit("clip", (config) => withValue(config, "discriminator.gradientClipNorm", 0.5)),
  edit("units", (config) => withValue(config, "generator.layers[0].units", 32)),
  edit("removed", (config) => removeLayer(config, "generator", 1)),
  edit("BatchNorm", (config) => withBatchNorm(config, "generator", true, NORM)),
];

/**
 * @param {string} name
 * @param {(config: GanConfig) => GanConfig} change
 * @returns {[string, (config: GanConfig) => GanConfig]}
 */
function edit(name, change) {
  return [name, change];
}

for (const [name, change] of EDITS) {
  test(`an edit comes back from its link: ${name}`, () => {
    const before = structuredClone(PRESET);
    const config = change(PRESET);
    assert.deepEqual(PRESET, before, "an edit changes a copy");
    const changes = changesBetween(PRESET, config);
    if (!changes) return assert.deepEqual(config, PRESET);
    assert.equal(checkChanges(changes), "");
    const link = encodeChanges(changes);
    assert.match(link, /^[\w-]+$/, "it needs no escaping in an address");
    assert.deepEqual(withChanges(PRESET, /** @type {any} */ (decodeChanges(link)).changes), config);
    return undefined;
  });
}

test("no change is no change, whatever the order of keys; rates and batch size are not its business", () => {
  const same = { ...PRESET, batchSize: 7, latent: { dim: 8, kind: /** @type {const} */ ("normal") }, generator: { ...PRESET.generator, learningRate: 0.5 } };
  assert.equal(changesBetween(PRESET, same), null);
  assert.deepEqual(withChanges(PRESET, null), PRESET);
  assert.ok(!sameValue([1], { 0: 1 }) && !sameValue(null, {}) && sameValue([{ a: 1 }], [{ a: 1 }]));
});

test("a small change makes a short link", () => {
  const changes = changesBetween(PRESET, withValue(PRESET, "loss", { type: "hinge" }));
  assert.deepEqual(changes, { loss: { type: "hinge" } });
  assert.ok(encodeChanges(/** @type {any} */ (changes)).length < 40);
});

test("a part keeps the numbers that its new type has too", () => {
  assert.deepEqual(newPart(LOSSES, "leastSquares", { type: "bce", labelSmoothing: 0.1 }), { type: "leastSquares", labelSmoothing: 0.1 });
  assert.deepEqual(newPart(LAYERS, "convTranspose2d", { type: "conv2d", channels: 5, kernel: 3, stride: 1, padding: 0, bias: false }),
    { type: "convTranspose2d", channels: 5, kernel: 3, stride: 1, padding: 0, bias: false });
});

test("BatchNorm goes behind the activation of dense layers, before that of convolutions, and out again", () => {
  const types = (/** @type {GanConfig} */ config) => config.generator.layers.map(({ type }) => type);
  const dense = withBatchNorm(PRESET, "generator", true, NORM);
  assert.deepEqual(types(dense), ["linear", "leakyRelu", "batchNorm", "linear", "tanh"]);
  assert.ok(hasBatchNorm(dense, "generator") && !hasBatchNorm(dense, "discriminator"));
  assert.deepEqual(withBatchNorm(dense, "generator", false, NORM), PRESET);
  const conv = insertLayer(PRESET, "generator", 1, { type: "reshape", channels: 4, height: 2, width: 2 });
  assert.deepEqual(types(withBatchNorm(conv, "generator", true, NORM)).slice(0, 4), ["linear", "reshape", "batchNorm", "leakyRelu"]);
});

test("the core's words are shown beside what they name", () => {
  const refusing = (/** @type {object} */ more) => ({
    describe() {
      throw Object.assign(new Error("it is 0"), { name: "invalidConfig", ...more });
    },
  });
  const field = "generator.layers[3].units";
  assert.deepEqual(described(refusing({ field }), PRESET), { networks: null, error: "it is 0", field });
  assert.equal(described(refusing({}), PRESET).field, null);
  assert.equal(sectionOf("generator.layers[3].units"), "generator");
  assert.equal(sectionOf("discriminator.layers"), "discriminator");
  assert.equal(sectionOf("loss.labelSmoothing"), "training");
  assert.equal(sectionOf(""), "training");
  assert.equal(valueAt(PRESET, "generator.layers[2].units"), 4);
});

test("changes that the core refuses give way to the preset, with its words", () => {
  const core = {
    describe() {
      throw Object.assign(new Error("generator.layers[0].units is 0, expected 1 to 16384"), { name: "invalidConfig" });
    },
  };
  const settings = /** @type {any} */ ({ preset: "p", changes: { generator: { layers: [{ type: "linear", units: 0 }] } } });
  const { config, allowed, notices } = changedPreset(core, PRESET, settings, 10);
  assert.deepEqual([config, allowed.changes], [PRESET, null]);
  assert.match(notices.join(), /cannot be used: generator\.layers\[0\]\.units is 0.*Those of p are used/);
  assert.deepEqual(changedPreset(core, PRESET, { ...settings, changes: null }, 10).notices, [], "the preset itself is not asked about");
});

test("labels of another number of classes than the data have are refused in words", () => {
  const core = { describe: () => /** @type {any} */ ({}) };
  const settings = (/** @type {number} */ classes) => /** @type {any} */ ({ preset: "p", changes: { labels: usualLabels(classes) } });
  const { notices } = changedPreset(core, PRESET, settings(7), 10);
  assert.match(notices.join(), /cannot be used: labels\.classes is 7, expected 10, as these data have\. Those of p/);
  assert.deepEqual(changedPreset(core, PRESET, settings(10), 10).notices, []);
});
