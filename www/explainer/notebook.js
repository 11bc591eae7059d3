// The start values of Luis Serrano's notebook and the numbers that it printed, to be compared with what the engine makes of the same start.

import { LETTERS, SIGNS } from "./numbers.js";
import { PIXELS } from "./pictures.js";
import { addressOf } from "../site.js";

/** @typedef {import("./numbers.js").Thirteen} Thirteen */

/**
 * The file data/toy/notebook.json.
 * @typedef {object} Notebook
 * @property {Thirteen} start
 * @property {number[]} z of each step
 * @property {Thirteen} printed after the last step
 * @property {number[]} imageLatents the z's of the pictures that the notebook shows in the end
 * @property {number[][]} images those pictures, as printed
 */

/**
 * One number that is compared.
 * @typedef {{name: string, printed: number, here: number}} Row
 */

/** Largest difference allowed: the notebook computes in f64 and prints 8 digits, the engine computes in f32. */
export const TOLERANCE = 1e-5;

/** @returns {Promise<Notebook>} */
export async function fetchNotebook() {
  const response = await fetch(addressOf("data/toy/notebook.json"));
  return /** @type {Notebook} */ (await response.json());
}

/**
 * @param {Notebook} notebook
 * @param {Thirteen} here
 * @param {number[][]} pictures that the engine makes of the notebook's z's
 * @returns {Row[]} the thirteen numbers, then the pixels of each picture
 */
export function rowsOf({ printed, images, imageLatents }, here, pictures) {
  const numbers = LETTERS.flatMap((letter) => {
    const [theirs, ours] = [[printed[letter]].flat(), [here[letter]].flat()];
    return theirs.map((value, i) => ({ name: SIGNS[letter][i], printed: value, here: ours[i] }));
  });
  const pixels = images.flatMap((image, n) => image.map((value, i) => (
    { name: `G(${imageLatents[n].toFixed(4)}), ${PIXELS[i]}`, printed: value, here: pictures[n][i] }
  )));
  return [...numbers, ...pixels];
}

/**
 * @param {readonly Row[]} rows
 * @returns {number}
 */
export function largestDifference(rows) {
  return Math.max(...rows.map(({ printed, here }) => Math.abs(printed - here)));
}
