// Labels in a configuration, and the latents and classes of what is looked at.

import assert from "node:assert/strict";
import { test } from "node:test";
import { canBeAsked, labelsText, usualLabels, withLabels } from "../../www/config/labels.js";
import { allClasses, drawnLabels, inTurn, latentStream, repeated, scaled, take, uniformStream } from "../../www/worker/latents.js";
import { Drawer } from "../../www/worker/drawing.js";
import { Pictures } from "../../www/worker/pictures.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */

const UNLABELLED = /** @type {GanConfig} */ (/** @type {any} */ ({
  labels: null, discriminator: { layers: [{ type: "linear", units: 8 }, { type: "relu" }, { type: "linear", units: 1 }] },
}));

/**
 * @param {GanConfig} config
 * @returns {unknown} units of D's last layer
 */
const head = (config) => /** @type {any} */ (config.discriminator.layers.at(-1)).units;

test("labels by projection give D's last layer a value for each class, and take it away again", () => {
  const labelled = withLabels(UNLABELLED, usualLabels(10));
  assert.equal(head(labelled), 11);
  assert.deepEqual(labelled.labels, { classes: 10, generator: "oneHot", discriminator: { type: "projection" } });
  assert.deepEqual(withLabels(labelled, null), UNLABELLED);
  const beside = withLabels(labelled, { classes: 10, generator: "oneHot", discriminator: { type: "concat", scale: 1 } });
  assert.equal(head(beside), 1);
  assert.equal(head(withLabels(beside, usualLabels(10))), 11);
  assert.equal(head(UNLABELLED), 1, "the original stays");
});

test("a last layer that is no such head is left to the core's words", () => {
  const odd = structuredClone(UNLABELLED);
  odd.discriminator.layers.push({ type: "tanh" });
  assert.deepEqual(withLabels(odd, usualLabels(10)).discriminator, odd.discriminator);
  const wide = structuredClone(UNLABELLED);
  wide.discriminator.layers[2] = { type: "linear", units: 5 };
  assert.equal(head(withLabels(wide, usualLabels(10))), 5);
});

test("only a G that is told the classes can be asked, and the words say who is told", () => {
  const usual = usualLabels(10);
  assert.deepEqual([null, { ...usual, generator: /** @type {const} */ ("off") }, usual].map(canBeAsked), [false, false, true]);
  assert.match(labelsText(null), /Nobody tells/);
  assert.match(labelsText({ ...usual, generator: "off" }), /D is told .* G is not/);
  assert.match(labelsText({ ...usual, discriminator: { type: "off" } }), /D does not check/);
  assert.match(labelsText(usual), /^Both networks are told/);
});

test("the same seed gives the same latents, each purpose its own", () => {
  const first = (/** @type {"picture" | "judge"} */ purpose, seed = 42) => [...take(latentStream("normal", seed, purpose), 5)];
  assert.deepEqual(first("picture"), first("picture"));
  assert.notDeepEqual(first("picture"), first("judge"));
  assert.notDeepEqual(first("picture"), first("picture", 43));
  const many = take(latentStream("normal", 1, "judge"), 20_000);
  const mean = many.reduce((sum, z) => sum + z, 0) / many.length;
  const square = many.reduce((sum, z) => sum + z * z, 0) / many.length;
  // Standard normal: 4 standard errors are 0.028 and 0.04.
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(square - 1) < 0.04, `${mean} ${square}`);
  assert.ok(take(latentStream("uniform", 1, "judge"), 1000).every((z) => z >= 0 && z < 1));
});

test("psi draws latents to the middle of their distribution", () => {
  assert.deepEqual([...scaled(Float32Array.of(-2, 0, 1), 0.5, "normal")], [-1, 0, 0.5]);
  assert.deepEqual([...scaled(Float32Array.of(0, 0.5, 1), 0.5, "uniform")], [0.25, 0.5, 0.75]);
  assert.deepEqual([...scaled(Float32Array.of(-2, 3), 1, "normal")], [-2, 3]);
});

test("a grid repeats each latent along its row, with the classes in turn", () => {
  assert.deepEqual([...repeated(Float32Array.of(1, 2, 3, 4), 2, 3)], [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]);
  assert.deepEqual([...inTurn([3, 8], 5)], [3, 8, 3, 8, 3]);
  assert.deepEqual(allClasses(3), [0, 1, 2]);
});

test("drawn classes are of the chosen ones, with equal chances", () => {
  const labels = drawnLabels(uniformStream(7, "labels"), [3, 8], 1000);
  const threes = labels.filter((label) => label === 3).length;
  assert.equal(labels.filter((label) => label === 8).length, 1000 - threes);
  assert.ok(Math.abs(threes - 500) < 64, `${threes}`); // 4 standard deviations of 1,000 tosses
});

/** A session whose samples are one value each: the first value of the latent, plus 100 times the class. */
const SESSION = /** @type {any} */ ({
  info: () => ({ seed: 5, latentDim: 2, classes: 10 }),
  config: () => ({ latent: { kind: "normal", dim: 2 } }),
  samples: async (/** @type {boolean} */ averaged) => Float32Array.from({ length: 64 }, () => (averaged ? 1 : 2)),
  generate: async (/** @type {Float32Array} */ latents, /** @type {boolean} */ _averaged, /** @type {Uint8Array} */ labels) => (
    Float32Array.from(labels, (label, i) => 100 * label + latents[2 * i])
  ),
  scores: async (/** @type {Float32Array} */ samples) => samples.map(() => 0.5),
});

test("with labels the picture has a row for each latent and a column for each class; without, it is the session's", async () => {
  const pictures = new Pictures(10);
  const grid = await pictures.of(SESSION, true, 1);
  assert.equal(grid.length, 80);
  grid.forEach((value, i) => assert.ok(Math.abs(value - 100 * (i % 10) - grid[10 * Math.floor(i / 10)]) < 1e-3, `sample ${i}`));
  assert.notEqual(grid[0], grid[10], "another row is another style");
  assert.deepEqual(await pictures.of(SESSION, true, 1), grid, "the latents never change");
  const plain = await pictures.of(SESSION, true, 0);
  plain.forEach((value, i) => assert.ok(Math.abs(value - 100 * (i % 10)) < 1e-3));
  assert.equal(pictures.some(grid).length, 20);
  const unlabelled = new Pictures(0);
  assert.deepEqual([...(await unlabelled.of(SESSION, false, 0.3))], Array(64).fill(2));
  assert.equal(unlabelled.some(new Float32Array(64 * 4)).length, 16 * 4);
});

test("a drawing is fresh each time, and in one style or in many", async () => {
  const training = /** @type {any} */ ({ session: SESSION, averaged: true, psi: 1 });
  const drawer = new Drawer(training, async () => null);
  const of = async (/** @type {boolean} */ oneStyle) => {
    const { samples } = await drawer.draw({ kind: "draw", labels: [2, 0, 2, 6], oneStyle });
    return [2, 0, 2, 6].map((label, i) => Math.fround(samples[i] - 100 * label).toFixed(3));
  };
  const [one, again, many] = [await of(true), await of(true), await of(false)];
  assert.equal(new Set(one).size, 1);
  assert.notEqual(one[0], again[0]);
  assert.equal(new Set(many).size, 4);
  training.psi = 0;
  assert.deepEqual(await of(false), ["0.000", "0.000", "0.000", "0.000"]);
});
