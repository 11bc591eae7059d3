// Latents and labels for what is only looked at: pictures, drawings, the judge's samples. From streams of their own, so that no look moves
// the streams that steps draw from. Pure.

import { normals, uniforms } from "../random.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */

/** Rows of the grid with labels: as many styles. */
export const GRID_ROWS = 8;

/**
 * What the streams are for; each number gives another stream of the same seed.
 * @type {{picture: number, drawing: number, judge: number, labels: number}}
 */
const STREAMS = { picture: 0x70696374, drawing: 0x64726177, judge: 0x6a756467, labels: 0x6c61626c };

/**
 * @param {number} seed
 * @param {keyof typeof STREAMS} purpose
 * @returns {() => number} uniform numbers, at least 0 and below 1
 */
export function uniformStream(seed, purpose) {
  return uniforms((seed ^ STREAMS[purpose]) | 0);
}

/**
 * @param {GanConfig["latent"]["kind"]} kind
 * @param {number} seed
 * @param {keyof typeof STREAMS} purpose
 * @returns {() => number} the next number of a latent
 */
export function latentStream(kind, seed, purpose) {
  const uniform = uniformStream(seed, purpose);
  return kind === "normal" ? normals(uniform) : uniform;
}

/**
 * @param {() => number} next
 * @param {number} length
 * @returns {Float32Array}
 */
export function take(next, length) {
  return Float32Array.from({ length }, next);
}

/**
 * Moves latents towards the middle of their distribution.
 * @param {Float32Array} latents
 * @param {number} psi 1: as they are, 0: the middle itself
 * @param {GanConfig["latent"]["kind"]} kind
 * @returns {Float32Array}
 */
export function scaled(latents, psi, kind) {
  const middle = kind === "normal" ? 0 : 0.5;
  return latents.map((value) => middle + psi * (value - middle));
}

/**
 * @param {Float32Array} latents row-major [rows, dim]
 * @param {number} dim
 * @param {number} columns
 * @returns {Float32Array} each latent so many times in a row: [rows * columns, dim]
 */
export function repeated(latents, dim, columns) {
  const rows = latents.length / dim;
  const all = new Float32Array(rows * columns * dim);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) all.set(latents.subarray(row * dim, (row + 1) * dim), (row * columns + column) * dim);
  }
  return all;
}

/**
 * @param {ReadonlyArray<number>} classes
 * @param {number} count
 * @returns {Uint8Array} the classes in turn, again and again
 */
export function inTurn(classes, count) {
  return Uint8Array.from({ length: count }, (_, i) => classes[i % classes.length]);
}

/**
 * @param {() => number} uniform
 * @param {ReadonlyArray<number>} classes
 * @param {number} count
 * @returns {Uint8Array} classes drawn with equal chances
 */
export function drawnLabels(uniform, classes, count) {
  return Uint8Array.from({ length: count }, () => classes[Math.floor(uniform() * classes.length)]);
}

/**
 * @param {number} count
 * @returns {number[]} 0 to count - 1
 */
export function allClasses(count) {
  return Array.from({ length: count }, (_, label) => label);
}
