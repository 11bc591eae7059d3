import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_MODE, MODES } from "../../www/page/modes.js";
import { defaultSettings, formatHash, parseHash, sameSettings } from "../../www/page/permalink.js";
import { AUTO_PRESET, allowedSettings, DEFAULT_SEED, limitsFor, NUMBER_FIELDS, parseNumber, resolvedPreset } from "../../www/config/settings.js";

/** @type {import("../../src/types.d.ts").Limits} */
const LIMITS = {
  seed: [0, 4294967295], batchSize: [1, 1024], learningRate: [0, 1], units: [1, 16384], layers: [1, 32], side: [1, 64],
  parameters: [1, 8_000_000], kernel: [1, 16], stride: [1, 8], padding: [0, 15], updates: [1, 10], labelSmoothing: [0, 0.5], weightClip: [1e-4, 1],
  penalty: [0, 100], classes: [2, 100], labelScale: [0.01, 100], deviation: [1e-4, 1], phases: [1, 1e8], gradientClipNorm: [1e-3, 1000], emaDecay: [0, 0.99999],
};

/**
 * @param {string} id
 * @returns {import("../../www/protocol.d.ts").Mode}
 */
const modeById = (id) => /** @type {import("../../www/protocol.d.ts").Mode} */ (MODES.find((mode) => mode.id === id));

/**
 * @param {string} hash
 * @returns {import("../../www/page/permalink.js").Permalink}
 */
const parse = (hash) => parseHash(hash, MODES, DEFAULT_MODE);

test("an empty link is MNIST, whose preset the device decides: digits, or wider networks for a GPU", () => {
  for (const hash of ["", "#"]) {
    const { mode, settings, train, problems } = parse(hash);
    assert.deepEqual([mode.id, settings.preset, settings.seed, settings.backend, train], ["mnist", AUTO_PRESET, DEFAULT_SEED, "auto", false]);
    assert.deepEqual(problems, []);
    assert.deepEqual([false, true].map((hasGpu) => resolvedPreset(mode, settings.preset, hasGpu)), ["mnist-digits", "mnist-digits-large"]);
  }
  assert.equal(resolvedPreset(modeById("mnist"), "mnist-digits", true), "mnist-digits", "who names it gets it");
  assert.equal(resolvedPreset(modeById("fashion"), AUTO_PRESET, true), "fashion-clothes-large");
});

test("all parameters of a link are read", () => {
  const hash = "#mode=mnist&preset=mnist-keras&seed=7&backend=cpu&batch=32&lrG=2e-4&lrD=0.0001&classes=8,3,3&average=0&psi=0.5&train=1";
  const { mode, settings, train, problems } = parse(hash);
  assert.equal(mode.id, "mnist");
  assert.deepEqual(settings, {
    preset: "mnist-keras", seed: 7, backend: "cpu", batchSize: 32, learningRateG: 0.0002, learningRateD: 0.0001,
    classes: [3, 8], averaged: false, psi: 0.5, changes: null,
  });
  assert.equal(train, true);
  assert.deepEqual(problems, []);
});

test("what is written as a link is read back the same, in every mode", () => {
  for (const mode of MODES) {
    for (const { name } of mode.presets) {
      const all = [
        {}, ...imagesOnly(mode), { averaged: false }, { psi: 0 }, { psi: 1 }, { seed: 0 }, { seed: 4294967295, backend: "webgpu" },
        { batchSize: 1, learningRateG: 1e-7, learningRateD: 0.1 },
      ];
      for (const changes of all) {
        const settings = /** @type {import("../../www/protocol.d.ts").Settings} */ ({ ...defaultSettings(mode), preset: name, ...changes });
        const link = parse(formatHash(mode, settings));
        assert.equal(link.mode, mode);
        assert.deepEqual(link.settings, settings);
        assert.deepEqual(link.problems, []);
        assert.ok(sameSettings(link.settings, settings));
      }
    }
  }
});

/**
 * @param {import("../../www/protocol.d.ts").Mode} mode
 * @returns {Partial<import("../../www/protocol.d.ts").Settings>[]} what only pictures have
 */
function imagesOnly({ family }) {
  /** @type {import("../../www/protocol.d.ts").ConfigChanges} */
  const changes = { loss: { type: "hinge" }, emaDecay: null, generator: { layers: [{ type: "linear", units: 784 }, { type: "tanh" }], gradientClipNorm: 1 } };
  return family === "images" ? [{ classes: [0] }, { classes: [1, 3, 9] }, { changes }] : [];
}

test("a link to a preset that was renamed leads to it", () => {
  const { settings, problems } = parse("#mode=mnist&preset=mnist-dcgan-classic");
  assert.deepEqual([settings.preset, problems], ["mnist-dcgan-wide", []]);
});

test("a link names classes as people write them, and leaves out what is as usual", () => {
  const settings = defaultSettings(modeById("mnist"));
  assert.equal(formatHash(modeById("mnist"), settings), "#mode=mnist&seed=42");
  assert.equal(formatHash(modeById("mnist"), { ...settings, classes: [3, 8], averaged: false }), "#mode=mnist&seed=42&classes=3,8&average=0");
  assert.equal(parse("#classes=0,1,2,3,4,5,6,7,8,9").settings.classes, null, "all of them is no choice");
});

for (const [hash, message] of /** @type {[string, RegExp][]} */ ([
  ["#classes=3,12", /classes=3,12.*“12” is not the number of a class, 0 to 9.*All of MNIST is used/],
  ["#mode=fashion&classes=", /“” is not the number of a class.*All of Fashion-MNIST/],
  ["#classes=shoes", /“shoes” is not the number/],
  ["#classes=-1", /“-1” is not the number/],
  ["#mode=toy&classes=1", /no classes to choose from/],
  ["#average=yes", /average=yes, but average can be 1, 0; 1 is used/],
  ["#config=%25%25", /config=….*cut short or altered.*Those of mnist-digits are used/],
  [`#config=${btoa('{"loss":{"type":"magic"}}')}`, /loss\.type must be one of bce, /],
  [`#config=${btoa('{"loss":{"type":"hinge","clip":1}}')}`, /loss has “clip”, which is not known there/],
  [`#config=${btoa('{"generator":{"layers":[{"type":"linear"}]}}')}`, /generator\.layers\[0\]\.units must be a number/],
  [`#config=${btoa('{"batchSize":3}')}`, /has “batchSize”/],
  [`#config=${btoa('{"__proto__":{"x":1}}')}`, /has “__proto__”/],
  [`#config=${btoa("[]")}`, /must be an object/],
  [`#mode=toy&config=${btoa('{"emaDecay":null}')}`, /2×2 faces can only be as it is/],
  ["#psi=2", /psi=2, but psi must be a number from 0 to 1; 0\.8 is used/],
  ["#psi=wild", /psi=wild/],
  ["#mode=cats", /mode=cats.*mode can be toy, mnist, fashion; mnist is used/],
  ["#mode=toy&preset=mnist-fast", /preset=mnist-fast.*toy-2x2 is used/],
  ["#backend=cuda", /backend=cuda.*auto, webgpu, cpu; auto is used/],
  ["#seed=abc", /Seed must be a whole number.*“abc” is not a number/],
  ["#seed=1.5", /Seed must be a whole number; 1.5 is not/],
  ["#seed=", /Seed must be a whole number/],
  ["#seed=1e400", /Seed must be/],
  ["#batch=many", /Batch size must be a whole number/],
  ["#lrG=fast", /Generator learning rate must be a number/],
  ["#train=yes", /train=yes/],
  ["#colour=red", /“colour”.*ignored/],
])) {
  test(`the link ${hash} is answered in words and with the default`, () => {
    const { settings, train, problems, mode } = parse(hash);
    assert.equal(problems.length, 1, problems.join());
    assert.match(problems[0], message);
    assert.deepEqual(settings, defaultSettings(mode));
    assert.equal(train, false);
  });
}

test("numbers out of the core's range fall back, with a remark each", () => {
  const asked = { ...defaultSettings(modeById("mnist")), seed: -1, batchSize: 5000, learningRateG: 7, learningRateD: 0.5 };
  const { allowed, notices } = allowedSettings(asked, LIMITS, false);
  assert.deepEqual(allowed, { ...asked, seed: DEFAULT_SEED, batchSize: null, learningRateG: null });
  assert.equal(notices.length, 3);
  assert.match(notices[0], /Seed must be a whole number from 0 to 4294967295; -1 is too small. Seed 42 is used/);
  assert.match(notices[1], /5000 is too large. The preset's own value is used/);
});

test("the ends of a range are inside it", () => {
  const asked = { ...defaultSettings(modeById("mnist")), seed: 4294967295, batchSize: 1024, learningRateG: 1, learningRateD: 0 };
  assert.deepEqual(allowedSettings(asked, LIMITS, false), { allowed: asked, notices: [] });
});

test("networks with BatchNorm need two samples in a batch", () => {
  /**
   * @param {object[]} layers
   * @returns {import("../../src/types.d.ts").GanConfig}
   */
  const config = (layers) => /** @type {any} */ ({ generator: { layers }, discriminator: { layers: [{ type: "linear", units: 1 }] } });
  assert.deepEqual(limitsFor(LIMITS, config([{ type: "batchNorm", momentum: 0.8, eps: 0.001 }])).batchSize, [2, 1024]);
  assert.deepEqual(limitsFor(LIMITS, config([{ type: "tanh" }])), LIMITS);
});

test("a fixed batch size cannot be overruled by a link", () => {
  const { allowed, notices } = allowedSettings({ ...defaultSettings(modeById("toy")), batchSize: 8 }, LIMITS, true);
  assert.equal(allowed.batchSize, null);
  assert.match(notices[0], /fixed/);
});

test("what is typed into a field is read as people write numbers", () => {
  assert.deepEqual(parseNumber(" 64 ", NUMBER_FIELDS.batchSize, LIMITS), { value: 64 });
  assert.deepEqual(parseNumber("2e-4", NUMBER_FIELDS.learningRateG, LIMITS), { value: 0.0002 });
  for (const text of ["", "  ", "abc", "1,5", "Infinity", "NaN", "-1", "2"]) {
    assert.ok("error" in parseNumber(text, NUMBER_FIELDS.learningRateG, LIMITS), text);
  }
});

test("every mode has a preset, a unique name and a place to get data from", () => {
  assert.equal(new Set(MODES.map((mode) => mode.id)).size, MODES.length);
  assert.ok(MODES.some((mode) => mode.id === DEFAULT_MODE));
  for (const mode of MODES) assert.ok(mode.presets.length > 0 && mode.label && mode.source.name);
});
