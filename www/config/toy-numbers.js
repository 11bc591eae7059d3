// The tensors that hold the toy's thirteen numbers, by the letters that the formulas give them. Data only: www/explainer/numbers.js reads
// and writes the numbers.

/** @typedef {import("../../src/types.d.ts").Role} Role */
/** @typedef {import("../protocol.d.ts").Values} Values */
/** @typedef {"v" | "c" | "w" | "b"} Letter */

/**
 * @typedef {object} ToyTensor
 * @property {Role} network whose network it belongs to
 * @property {"0.weight" | "0.bias"} name the core's name for it
 * @property {number} count numbers in it: one a pixel, or one in all
 */

/**
 * G makes pixel i as σ(vᵢ z + cᵢ); D's logit is Σ wᵢxᵢ + b. In the order of `Session.parameters`, which is also that of a trail's columns.
 * @type {{[L in Letter]: ToyTensor}}
 */
export const TOY_TENSORS = {
  v: { network: "generator", name: "0.weight", count: 4 },
  c: { network: "generator", name: "0.bias", count: 4 },
  w: { network: "discriminator", name: "0.weight", count: 4 },
  b: { network: "discriminator", name: "0.bias", count: 1 },
};

/**
 * @param {readonly Values[]} tensors
 * @returns {number[]} all their values, one tensor after the other
 */
export function flat(tensors) {
  return tensors.flatMap(({ values }) => [...values]);
}
