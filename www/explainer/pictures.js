// The pictures of the 2×2 world: four pixels each, from 0 for paper to 1 for ink. Pure.

/** Names of a picture's pixels, row by row. */
export const PIXELS = /** @type {const} */ (["top left", "top right", "bottom left", "bottom right"]);

/** Values of z in a row of G's pictures: 0, 0.1, … 1. */
export const Z_ROW = Array.from({ length: 11 }, (_, i) => i / 10);

/**
 * @param {Float32Array} samples pictures one after the other
 * @returns {number[][]} each picture by itself
 */
export function picturesOf(samples) {
  const size = PIXELS.length;
  return Array.from({ length: samples.length / size }, (_, i) => [...samples.subarray(size * i, size * (i + 1))]);
}

/**
 * @param {readonly number[]} picture
 * @returns {{dark: number, light: number}} means of the two diagonals: the one that is dark in a face, and the other
 */
export function diagonals([topLeft, topRight, bottomLeft, bottomRight]) {
  return { dark: (topLeft + bottomRight) / 2, light: (topRight + bottomLeft) / 2 };
}

/**
 * @param {readonly number[]} weights
 * @param {readonly number[]} pixels
 * @returns {number} the sum of weight × pixel
 */
export function weightedSum(weights, pixels) {
  return weights.reduce((sum, weight, i) => sum + weight * pixels[i], 0);
}
