// What each substep of a step is called, whose turn it is, what it did in words, and which numbers it changed. Pure.

import { isSame, signOf } from "./numbers.js";
import { fixed } from "./numerals.js";

/** @typedef {import("../protocol.d.ts").Substep} Substep */
/** @typedef {import("../protocol.d.ts").SubstepName} SubstepName */
/** @typedef {import("../../src/types.d.ts").Role} Role */

/**
 * @typedef {object} Kind
 * @property {string} title
 * @property {"face" | "fake"} about the picture it deals with
 * @property {Role | null} role the player who works or learns in it; null: nobody
 * @property {boolean} learns whether that player learns
 * @property {(done: Substep) => string} caption what it did, with its numbers
 */

/**
 * Every substep.
 * @type {Record<SubstepName, Kind>}
 */
export const SUBSTEPS = {
  face: {
    title: "A real face", about: "face", role: null, learns: false,
    caption: () => "A face comes from the training set. It is real, so D should give it a score near 1.",
  },
  judgeFace: {
    title: "D judges it", about: "face", role: "discriminator", learns: false,
    caption: ({ scoreFace }) => `D judges the face: D(x) = ${four(scoreFace)}. The missing ${fixed(1 - (scoreFace ?? NaN), 4)} is what D can learn from.`,
  },
  learnFace: {
    title: "D learns", about: "face", role: "discriminator", learns: true,
    caption: ({ loss, learningRate }) => (
      `D learns from the face. Its error −log D(x) was ${four(loss)}; each of its numbers goes ${learningRate} times its slope downhill. G is locked.`
    ),
  },
  latent: {
    title: "Pick z", about: "fake", role: "generator", learns: false,
    caption: ({ latent }) => `One random number: z = ${four(latent?.[0])}.`,
  },
  fake: {
    title: "G makes a fake", about: "fake", role: "generator", learns: false,
    caption: () => "G makes a picture of z: a fake.",
  },
  judgeFake: {
    title: "D judges it", about: "fake", role: "discriminator", learns: false,
    caption: ({ scoreFake }) => `D judges the fake: D(x′) = ${four(scoreFake)}. D wants this to be 0, G wants it to be 1.`,
  },
  learnFake: {
    title: "D learns", about: "fake", role: "discriminator", learns: true,
    caption: ({ loss }) => `D learns from the fake. Its error −log(1 − D(x′)) was ${four(loss)}. G is locked.`,
  },
  learnGenerator: {
    title: "G learns", about: "fake", role: "generator", learns: true,
    caption: ({ loss }) => `G learns from the same z, through the D of now, which is locked. Its error −log D(x′) was ${four(loss)}.`,
  },
};

/**
 * @param {number | null | undefined} value
 * @returns {string}
 */
function four(value) {
  return fixed(value ?? NaN, 4);
}

/**
 * A number that a substep changed.
 * @typedef {object} Change
 * @property {string} sign
 * @property {number} before
 * @property {number} after
 * @property {number} slope that was followed; not a number where none was
 */

/**
 * @param {Substep} done
 * @param {Role} role
 * @returns {{all: number, changed: Change[]}} how many numbers that player has, and those that are different now
 */
export function changesOf({ before, after, gradients }, role) {
  const rows = before.filter(({ network }) => network === role).flatMap((tensor) => {
    const now = after.find((other) => isSame(other, tensor));
    const slopes = gradients?.find((other) => isSame(other, tensor));
    return Array.from(tensor.values, (value, i) => ({ sign: signOf(tensor, i), before: value, after: now?.values[i] ?? NaN, slope: slopes?.values[i] ?? NaN }));
  });
  return { all: rows.length, changed: rows.filter((row) => !Object.is(row.before, row.after)) };
}
