// What a sub-step did, in words and with its numbers. Pure.

import { fixed } from "../dom.js";

/** @typedef {import("../../protocol.d.ts").Substep} Substep */
/** @typedef {import("../../protocol.d.ts").SubstepName} SubstepName */
/** @typedef {import("../../../src/types.d.ts").NamedTensor} NamedTensor */

/**
 * Names of the pieces, for a list.
 * @type {Record<SubstepName, string>}
 */
export const PIECE_NAMES = {
  face: "A real face",
  judgeFace: "D judges it",
  learnFace: "D learns",
  latent: "Pick z",
  fake: "G makes a fake",
  judgeFake: "D judges it",
  learnFake: "D learns",
  learnGenerator: "G learns",
};

/**
 * @param {Substep} done
 * @returns {string}
 */
export function caption({ name, latent, scoreFace, scoreFake, loss, learningRate }) {
  const error = fixed(loss ?? NaN, 4);
  switch (name) {
    case "face":
      return "A face comes from the training set. It is real, so D should give it a score near 1.";
    case "judgeFace":
      return `D judges the face: D(x) = ${fixed(scoreFace ?? NaN, 4)}. The missing ${fixed(1 - (scoreFace ?? NaN), 4)} is what D can learn from.`;
    case "learnFace":
      return `D learns from the face. Its error −log D(x) was ${error}; each of its numbers goes ${learningRate} times its slope downhill. G is locked.`;
    case "latent":
      return `One random number: z = ${fixed(latent?.[0] ?? NaN, 4)}.`;
    case "fake":
      return "G makes a picture of z: a fake.";
    case "judgeFake":
      return `D judges the fake: D(x′) = ${fixed(scoreFake ?? NaN, 4)}. D wants this to be 0, G wants it to be 1.`;
    case "learnFake":
      return `D learns from the fake. Its error −log(1 − D(x′)) was ${error}. G is locked.`;
    case "learnGenerator":
      return `G learns from the same z, through the D of now, which is locked. Its error −log D(x′) was ${error}.`;
    default:
      return unreachable(name);
  }
}

/**
 * A number that a sub-step may have changed.
 * @typedef {object} Change
 * @property {string} sign
 * @property {number} before
 * @property {number} after
 * @property {number | null} slope that was followed
 */

const SIGNS = {
  generator: { "0.weight": "v", "0.bias": "c" },
  discriminator: { "0.weight": "w", "0.bias": "b" },
};
const INDEX = ["₁", "₂", "₃", "₄"];

/**
 * @param {Substep} done
 * @param {"generator" | "discriminator"} network
 * @returns {{all: number, changed: Change[]}} how many numbers it has, and those that are different now
 */
export function changesOf({ before, after, gradients }, network) {
  const held = before.filter((tensor) => tensor.network === network);
  /** @type {Change[]} */
  const rows = held.flatMap((tensor) => {
    const same = (/** @type {NamedTensor} */ other) => other.network === network && other.name === tensor.name;
    const [now, slopes] = [after.find(same), gradients?.find(same)];
    return Array.from(tensor.values, (value, i) => ({
      sign: signOf(tensor, i), before: value, after: now?.values[i] ?? NaN, slope: slopes ? slopes.values[i] : null,
    }));
  });
  return { all: rows.length, changed: rows.filter((row) => !Object.is(row.before, row.after)) };
}

/**
 * @param {Pick<NamedTensor, "network" | "name" | "values">} tensor
 * @param {number} index
 * @returns {string} "w₁", "b", …
 */
export function signOf({ network, name, values }, index) {
  const letter = SIGNS[network][/** @type {"0.weight" | "0.bias"} */ (name)] ?? name;
  return values.length === 1 ? letter : `${letter}${INDEX[index] ?? index + 1}`;
}

/**
 * @param {never} name
 * @returns {never}
 */
function unreachable(name) {
  throw new TypeError(`unknown sub-step ${name}`);
}
