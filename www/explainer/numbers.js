// The toy's thirteen numbers: their signs, whose they are, and how they are read from the core's tensors and written back. Pure.

import { TOY_TENSORS } from "../config/toy-numbers.js";

/** @typedef {import("../protocol.d.ts").Values} Values */
/** @typedef {import("../config/toy-numbers.js").Letter} Letter */
/** @typedef {import("../../src/types.d.ts").Role} Role */

/**
 * The numbers of G (v, c) and of D (w, b), by their letters in the formulas.
 * @typedef {{v: number[], c: number[], w: number[], b: number}} Thirteen
 */

/**
 * One of the thirteen, and where the core keeps it.
 * @typedef {object} ToyNumber
 * @property {string} sign as it is written: "w₁", "b"
 * @property {Role} network whose network it belongs to
 * @property {string} name its tensor's
 * @property {number} index its place in that tensor
 * @property {boolean} isDark whether it belongs to a pixel that is dark in a face
 */

/** The letters in the order of the core's tensors. */
export const LETTERS = /** @type {Letter[]} */ (Object.keys(TOY_TENSORS));

/**
 * What each letter stands for, in words.
 * @type {Record<Letter, string>}
 */
export const MEANINGS = { v: "weight of G", c: "bias of G", w: "weight of D", b: "bias of D" };

/** Digits of an index, from 1 on. */
const SUBSCRIPTS = ["₁", "₂", "₃", "₄"];
/** Indices of the pixels that are dark in a face: top left and bottom right. */
const DARK = [0, 3];

/**
 * How the numbers of each letter are written.
 * @type {Record<Letter, string[]>}
 */
export const SIGNS = { v: signsOf("v"), c: signsOf("c"), w: signsOf("w"), b: signsOf("b") };

/**
 * All thirteen in the order of the core, which is also the order of a trail's columns.
 * @type {ToyNumber[]}
 */
export const NUMBERS = LETTERS.flatMap((letter) => {
  const { network, name, count } = TOY_TENSORS[letter];
  return SIGNS[letter].map((sign, index) => ({ sign, network, name, index, isDark: count > 1 && DARK.includes(index) }));
});

/**
 * @param {Role} role
 * @returns {ToyNumber[]} that player's numbers, in the order of the core
 */
export function numbersOf(role) {
  return NUMBERS.filter(({ network }) => network === role);
}

/**
 * @param {Letter} letter
 * @returns {string[]}
 */
function signsOf(letter) {
  return Array.from({ length: TOY_TENSORS[letter].count }, (_, i) => written(letter, i, TOY_TENSORS[letter].count));
}

/**
 * @param {string} letter
 * @param {number} index
 * @param {number} count numbers that share the letter
 * @returns {string} the letter alone, or with its index
 */
function written(letter, index, count) {
  return count === 1 ? letter : `${letter}${SUBSCRIPTS[index] ?? index + 1}`;
}

/**
 * @param {Values} tensor
 * @param {number} index
 * @returns {string} how that number is written: "w₁", "b"; a tensor that is not the toy's goes by its name
 */
export function signOf(tensor, index) {
  const letter = LETTERS.find((one) => isSame(tensor, TOY_TENSORS[one]));
  return written(letter ?? tensor.name, index, tensor.values.length);
}

/**
 * @param {readonly Values[]} tensors
 * @returns {Thirteen} a list is empty, and b undefined, where its tensor is missing
 */
export function thirteen(tensors) {
  const read = (/** @type {Letter} */ letter) => [...(tensors.find((tensor) => isSame(tensor, TOY_TENSORS[letter]))?.values ?? [])];
  return { v: read("v"), c: read("c"), w: read("w"), b: read("b")[0] };
}

/**
 * @param {Thirteen} numbers
 * @returns {Values[]} the tensors that hold them
 */
export function tensorsOf(numbers) {
  return LETTERS.map((letter) => {
    const { network, name } = TOY_TENSORS[letter];
    return { network, name, values: Float32Array.from([numbers[letter]].flat()) };
  });
}

/**
 * @param {readonly Values[]} tensors parameters, or slopes along them
 * @param {ToyNumber} number
 * @returns {number} its value; not a number where its tensor is missing
 */
export function valueIn(tensors, number) {
  return tensors.find((tensor) => isSame(tensor, number))?.values[number.index] ?? NaN;
}

/**
 * @template {Values} T
 * @param {readonly T[]} tensors
 * @param {ToyNumber} number
 * @param {number} value
 * @returns {T[]} copies in which that number has that value
 */
export function withValue(tensors, number, value) {
  return tensors.map((tensor) => {
    if (!isSame(tensor, number)) return tensor;
    const values = tensor.values.slice();
    values[number.index] = value;
    return { ...tensor, values };
  });
}

/**
 * @param {{network: string, name: string}} one
 * @param {{network: string, name: string}} other
 * @returns {boolean} whether both name the same tensor
 */
export function isSame(one, other) {
  return one.network === other.network && one.name === other.name;
}
