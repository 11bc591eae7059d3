import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { halfLine } from "../../www/explainer/widgets/diagonal-map.js";
import { rowsOf, TOLERANCE } from "../../www/explainer/notebook.js";
import { NUMBERS, numbersOf, signOf, tensorsOf, thirteen, valueIn, withValue } from "../../www/explainer/numbers.js";
import { fixed, signed } from "../../www/explainer/numerals.js";
import { diagonals, picturesOf, weightedSum } from "../../www/explainer/pictures.js";
import { ticks } from "../../www/explainer/widgets/plots.js";
import { keyTarget } from "../../www/explainer/widgets/sliders.js";
import { substepsOf } from "../../www/config/substeps.js";
import { changesOf, SUBSTEPS } from "../../www/explainer/substeps.js";
import { handBuilt, MAKER, NOISE_COUNT, scorecard, World } from "../../www/explainer/world.js";

/** The toy's faces, as src/data.rs has them. */
const FACES = [[1, 0, 0, 1], [0.9, 0.1, 0.2, 0.8], [0.9, 0.2, 0.1, 0.8], [0.8, 0.1, 0.2, 0.9], [0.8, 0.2, 0.1, 0.9]];

/** @returns {World} with the toy's faces, as they come from the worker */
function world() {
  const made = new World(() => {});
  made.take(Float32Array.from(FACES.flat()));
  return made;
}

/**
 * @param {string} name
 * @returns {any} a JSON file beside this test
 */
const json = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));

test("the faces of the data set lose what f32 added to them", () => {
  assert.deepEqual(world().faces, FACES);
});

test("the rule finds all five faces, and each verdict is its sum against the threshold", () => {
  const card = scorecard(world());
  assert.equal(card.length, 5 + NOISE_COUNT);
  // By hand: 1 + 1; then 0.9 - 0.1 - 0.2 + 0.8 = 1.4, and so on.
  [2, 1.4, 1.4, 1.4, 1.4].forEach((sum, i) => assert.ok(Math.abs(card[i].sum - sum) < 1e-12));
  for (const { picture, sum, called, isFace, miss } of card) {
    assert.equal(called, picture[0] - picture[1] - picture[2] + picture[3] > 1);
    assert.equal(called, sum > 1);
    assert.equal(miss, called !== isFace);
  }
  assert.ok(card.slice(0, 5).every(({ miss }) => !miss));
});

test("a sum that only equals the threshold is no face", () => {
  const [verdict] = scorecard({ faces: [[0.5, 0, 0, 0.5]], noise: [], weights: [1, -1, -1, 1], threshold: 1 });
  assert.deepEqual([verdict.sum, verdict.called, verdict.miss], [1, false, true]);
});

test("noise is anything from 0 to 1, rolls anew, and is the same for everyone", () => {
  const [mine, yours] = [world(), world()];
  assert.deepEqual(mine.noise, yours.noise);
  const first = mine.noise;
  mine.reroll();
  assert.notDeepEqual(mine.noise, first);
  const many = Array.from({ length: 200 }, () => (mine.reroll(), mine.noise)).flat(2);
  assert.ok(many.every((value) => value >= 0 && value <= 1));
  assert.ok(Math.abs(many.reduce((sum, value) => sum + value) / many.length - 0.5) < 0.02, "6,400 values: six deviations of the mean are 0.02");
});

test("own faces join the others, up to a number, and can be taken out", () => {
  const mine = world();
  mine.sketch = [0.1, 0.2, 0.3, 0.4];
  assert.ok(mine.addSketch());
  mine.sketch[0] = 1;
  assert.deepEqual(mine.faces.at(-1), [0.1, 0.2, 0.3, 0.4], "it is a copy");
  while (mine.addSketch());
  assert.equal(mine.faces.length, 12);
  mine.remove(0);
  assert.deepEqual(mine.faces[5], [1, 0.2, 0.3, 0.4]);
});

test("the generator built by hand makes a face of every z; biases of 1 do not, below z = ln 3 - 1", () => {
  const sigmoid = (/** @type {number} */ s) => 1 / (1 + Math.exp(-s));
  const isFace = (/** @type {number[]} */ biases, /** @type {number} */ z) => (
    weightedSum([1, -1, -1, 1], MAKER.weights.map((v, i) => sigmoid(v * z + biases[i]))) > 1
  );
  for (let z = 0; z <= 1; z += 0.01) {
    assert.ok(isFace(MAKER.biases, z));
    assert.equal(isFace([1, -1, -1, 1], z), z > Math.log(3) - 1);
  }
});

test("a hand-built pair becomes parameters: the threshold is a bias with the other sign", () => {
  const { v, c, w, b } = thirteen(handBuilt(world()));
  assert.deepEqual([v, c, w, b], [[1, -1, -1, 1], [2, -2, -2, 2], [1, -1, -1, 1], -1]);
  assert.deepEqual(thirteen(tensorsOf({ v, c, w, b })), { v, c, w, b });
  assert.deepEqual(diagonals([1, 0.2, 0.4, 0.5]), { dark: 0.75, light: (0.2 + 0.4) / 2 });
});

test("keys move a slider within its range; others are left to the page", () => {
  const range = { min: -4, max: 4, step: 0.1 };
  assert.equal(keyTarget("ArrowRight", 1, range), 1.1);
  assert.equal(keyTarget("ArrowDown", -4, range), -4);
  assert.equal(keyTarget("PageUp", 3.9, range), 4);
  assert.deepEqual([keyTarget("Home", 0, range), keyTarget("End", 0, range)], [-4, 4]);
  assert.equal(keyTarget("Tab", 0, range), null);
});

test("numbers have no negative zero, and show what is unknown as a dash", () => {
  assert.deepEqual([fixed(-0.0001, 2), fixed(NaN, 2), fixed(-1.5, 1)], ["0.00", "–", "-1.5"]);
  assert.deepEqual([signed(0.5, 1), signed(-0.5, 1), signed(0, 1)], ["+0.5", "-0.5", "+0.0"]);
});

test("ticks are round numbers within the range", () => {
  assert.deepEqual(ticks([0, 1]).map(({ text }) => text), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  assert.deepEqual(ticks([-4, 4], 4).map(({ text }) => text), ["-4", "-2", "0", "2", "4"]);
  assert.deepEqual(ticks([0, 5000]).map(({ text }) => text), ["0", "1,000", "2,000", "3,000", "4,000", "5,000"]);
  assert.deepEqual(ticks([0, 0.05], 2).map(({ text }) => text), ["0.000", "0.025", "0.050"]);
});

test("the line where D says one half is found between the cells", () => {
  // D = σ(4 dark - 2): ½ at dark = 0.5, whatever the other diagonal is. 4 cells a side, so 0.5 lies between the second and the third.
  const scores = Array.from({ length: 16 }, (_, i) => 1 / (1 + Math.exp(2 - 4 * ((i % 4) / 3))));
  const line = halfLine(scores);
  assert.equal(line.length, 4);
  for (const [dark] of line) assert.ok(Math.abs(dark - 0.5) < 1e-9);
  assert.deepEqual(halfLine(Array.from({ length: 16 }, () => 0.7)), []);
});

/** @type {import("../../www/protocol.d.ts").Substep} */
const LEARNED = {
  name: "learnFace", order: ["face", "judgeFace", "learnFace"], step: 0,
  face: null, latent: null, fake: null, scoreFace: 0.25, scoreFake: null, loss: 1.3863, learningRate: 0.01,
  before: [
    { network: "generator", name: "0.weight", shape: [1, 4], values: Float32Array.of(1, 2, 3, 4) },
    { network: "discriminator", name: "0.weight", shape: [4, 1], values: Float32Array.of(1, 2, 3, 4) },
    { network: "discriminator", name: "0.bias", shape: [1], values: Float32Array.of(0) },
  ],
  after: [
    { network: "generator", name: "0.weight", shape: [1, 4], values: Float32Array.of(1, 2, 3, 4) },
    { network: "discriminator", name: "0.weight", shape: [4, 1], values: Float32Array.of(1.5, 2, 3, 4.5) },
    { network: "discriminator", name: "0.bias", shape: [1], values: Float32Array.of(-0) },
  ],
  gradients: [
    { network: "discriminator", name: "0.weight", shape: [4, 1], values: Float32Array.of(-50, 0, 0, -50) },
    { network: "discriminator", name: "0.bias", shape: [1], values: Float32Array.of(1) },
  ],
};

test("changes are counted bit by bit, with the slopes that were followed", () => {
  assert.deepEqual(changesOf(LEARNED, "generator"), { all: 4, changed: [] });
  const { all, changed } = changesOf(LEARNED, "discriminator");
  assert.equal(all, 5);
  assert.deepEqual(changed.map(({ sign, slope }) => [sign, slope]), [["w₁", -50], ["w₄", -50], ["b", 1]]);
  assert.deepEqual([changed[0].before, changed[0].after], [1, 1.5]);
  assert.equal(signOf({ network: "generator", name: "0.bias", values: new Float32Array(4) }, 2), "c₃");
});

test("every substep has a caption of its own, and an error in it is the one that was measured", () => {
  const names = /** @type {import("../../www/protocol.d.ts").SubstepName[]} */ (Object.keys(SUBSTEPS));
  const said = names.map((name) => SUBSTEPS[name].caption({ ...LEARNED, name, latent: Float32Array.of(0.5), scoreFake: 0.75 }));
  assert.equal(new Set(said).size, names.length);
  assert.match(said[names.indexOf("learnFace")], /1\.3863.*0\.01 times/);
  assert.match(said[names.indexOf("judgeFake")], /0\.7500/);
});

test("the substeps of a step begin with what its update order begins with", () => {
  const [ofFace, ofFake] = [["face", "judgeFace", "learnFace"], ["latent", "fake", "judgeFake", "learnFake", "learnGenerator"]];
  assert.deepEqual(substepsOf("realThenFakeSameLatents"), [...ofFace, ...ofFake]);
  assert.deepEqual(substepsOf("fakeThenGeneratorThenReal"), [...ofFake, ...ofFace]);
});

test("the thirteen numbers are in the core's order, and each is read and written where it lies", () => {
  assert.deepEqual(NUMBERS.map(({ sign }) => sign), ["v₁", "v₂", "v₃", "v₄", "c₁", "c₂", "c₃", "c₄", "w₁", "w₂", "w₃", "w₄", "b"]);
  assert.deepEqual(numbersOf("discriminator").map(({ sign }) => sign), ["w₁", "w₂", "w₃", "w₄", "b"]);
  assert.deepEqual(NUMBERS.filter(({ isDark }) => isDark).map(({ sign }) => sign), ["v₁", "v₄", "c₁", "c₄", "w₁", "w₄"]);
  const tensors = tensorsOf({ v: [1, 2, 3, 4], c: [5, 6, 7, 8], w: [9, 10, 11, 12], b: 13 });
  assert.deepEqual(NUMBERS.map((number) => valueIn(tensors, number)), Array.from({ length: 13 }, (_, i) => i + 1));
  for (const number of NUMBERS) {
    const moved = withValue(tensors, number, -1);
    assert.deepEqual(NUMBERS.filter((other) => valueIn(moved, other) !== valueIn(tensors, other)), [number]);
    assert.equal(valueIn(moved, number), -1);
  }
});

test("the notebook's data file is the fixture, and 29 numbers are compared", () => {
  const [shipped, fixture] = [json("../../www/data/toy/notebook.json"), json("../fixtures/toy/fixture_seed42.json")];
  assert.deepEqual(shipped.start, { v: fixture.init.g_weights, c: fixture.init.g_biases, w: fixture.init.d_weights, b: fixture.init.d_bias });
  assert.deepEqual(shipped.z.map(Math.fround), fixture.z.map(Math.fround), "the same f32, in fewer digits");
  const printed = fixture.notebook_printed;
  assert.deepEqual(shipped.printed, { v: printed.g_weights, c: printed.g_biases, w: printed.d_weights, b: printed.d_bias });
  assert.deepEqual([shipped.images, shipped.imageLatents], [printed.images, fixture.z_after_training]);
  const end = fixture.checkpoints["5000"];
  const rows = rowsOf(shipped, { v: end.g_weights, c: end.g_biases, w: end.d_weights, b: end.d_bias }, picturesOf(Float32Array.from(printed.images.flat())));
  assert.equal(rows.length, 29);
  assert.ok(rows.every((row) => Math.abs(row.printed - row.here) < 1e-7), "the reference reproduces what the notebook printed");
  assert.ok(TOLERANCE <= 1e-5);
});
