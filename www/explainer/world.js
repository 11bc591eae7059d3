// What a learner changes in chapters 1 to 3 and takes along: faces, noise, the networks built by hand. Pure: no DOM, no engine.

import { uniforms } from "../random.js";

/** @typedef {import("../protocol.d.ts").Values} Values */

/** Names of a picture's pixels, row by row. */
export const PIXELS = /** @type {const} */ (["top left", "top right", "bottom left", "bottom right"]);

/** Pictures in the noise gallery. */
export const NOISE_COUNT = 8;
/** Faces that a person may add. */
export const MOST_OWN_FACES = 7;

/** The rule in its first form: add the diagonal, subtract the rest, and ask for more than 1. */
export const RULE = { weights: [1, -1, -1, 1], threshold: 1 };
/** A generator that makes a face of every z. */
export const MAKER = { weights: [1, -1, -1, 1], biases: [2, -2, -2, 2] };

/** Everything a learner made. */
export class World {
  /** @type {number[][]} those of the data set; none until they are here */
  builtIn = [];
  /** @type {number[][]} */
  ownFaces = [];
  /** @type {number[]} the face on the drawing board */
  sketch = [0.9, 0.15, 0.1, 0.85];
  weights = [...RULE.weights];
  threshold = RULE.threshold;
  makerWeights = [...MAKER.weights];
  makerBiases = [...MAKER.biases];
  z = 0.7;
  /** Which of the faces chapters 2 and 4 look at. */
  chosenFace = 0;
  /** Grows with every change. */
  version = 0;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.random = uniforms(1);
    this.noise = this.#roll();
  }

  /** @returns {number[][]} all that is trained on, in order */
  get faces() {
    return [...this.builtIn, ...this.ownFaces];
  }

  /** @returns {number[]} */
  get face() {
    return this.faces[Math.min(this.chosenFace, this.faces.length - 1)];
  }

  /** Something was changed in place. */
  touch() {
    this.version += 1;
    this.onChange();
  }

  /** @param {Float32Array} samples the faces of the data set, row by row */
  take(samples) {
    const dim = PIXELS.length;
    this.builtIn = Array.from({ length: samples.length / dim }, (_, i) => Array.from(samples.subarray(dim * i, dim * (i + 1)), (value) => Number(value.toFixed(6))));
    this.touch();
  }

  reroll() {
    this.noise = this.#roll();
    this.touch();
  }

  /** @returns {boolean} false if there are as many as there may be */
  addSketch() {
    if (this.ownFaces.length >= MOST_OWN_FACES) return false;
    this.ownFaces.push([...this.sketch]);
    this.touch();
    return true;
  }

  /** @param {number} index of an own face */
  remove(index) {
    this.ownFaces.splice(index, 1);
    this.touch();
  }

  /** @returns {number[][]} */
  #roll() {
    return Array.from({ length: NOISE_COUNT }, () => Array.from({ length: PIXELS.length }, () => Math.round(this.random() * 100) / 100));
  }
}

/**
 * @param {readonly number[]} weights
 * @param {readonly number[]} pixels
 * @returns {number} the sum of weight × pixel
 */
export function weightedSum(weights, pixels) {
  return weights.reduce((sum, weight, i) => sum + weight * pixels[i], 0);
}

/**
 * @typedef {object} Verdict
 * @property {number[]} picture
 * @property {boolean} isFace what it is
 * @property {number} sum
 * @property {boolean} called a face, by the rule
 * @property {boolean} miss
 */

/**
 * @param {Pick<World, "faces" | "noise" | "weights" | "threshold">} world
 * @returns {Verdict[]} of the faces, then of the noise
 */
export function scorecard({ faces, noise, weights, threshold }) {
  const judged = [...faces.map((picture) => ({ picture, isFace: true })), ...noise.map((picture) => ({ picture, isFace: false }))];
  return judged.map(({ picture, isFace }) => {
    const sum = weightedSum(weights, picture);
    const called = sum > threshold;
    return { picture, isFace, sum, called, miss: called !== isFace };
  });
}

/**
 * Networks built by hand, as the engine's parameters. A threshold is a bias with the other sign.
 * @param {Pick<World, "weights" | "threshold" | "makerWeights" | "makerBiases">} world
 * @returns {Values[]}
 */
export function handBuilt({ weights, threshold, makerWeights, makerBiases }) {
  return [
    { network: "generator", name: "0.weight", values: Float32Array.from(makerWeights) },
    { network: "generator", name: "0.bias", values: Float32Array.from(makerBiases) },
    { network: "discriminator", name: "0.weight", values: Float32Array.from(weights) },
    { network: "discriminator", name: "0.bias", values: Float32Array.of(-threshold) },
  ];
}

/**
 * The toy's thirteen numbers by their names in the formulas.
 * @typedef {{v: number[], c: number[], w: number[], b: number}} Thirteen
 */

/**
 * @param {readonly Values[]} tensors
 * @returns {Thirteen}
 */
export function thirteen(tensors) {
  /**
   * @param {string} network
   * @param {string} name
   * @returns {number[]}
   */
  const of = (network, name) => [...(tensors.find((tensor) => tensor.network === network && tensor.name === name)?.values ?? [])];
  return { v: of("generator", "0.weight"), c: of("generator", "0.bias"), w: of("discriminator", "0.weight"), b: of("discriminator", "0.bias")[0] };
}

/**
 * @param {Thirteen} numbers
 * @returns {Values[]}
 */
export function asValues({ v, c, w, b }) {
  return [
    { network: "generator", name: "0.weight", values: Float32Array.from(v) },
    { network: "generator", name: "0.bias", values: Float32Array.from(c) },
    { network: "discriminator", name: "0.weight", values: Float32Array.from(w) },
    { network: "discriminator", name: "0.bias", values: Float32Array.of(b) },
  ];
}

/**
 * @param {readonly number[]} picture
 * @returns {{dark: number, light: number}} means of the two diagonals: of the one that is dark in a face, and of the other
 */
export function diagonals([topLeft, topRight, bottomLeft, bottomRight]) {
  return { dark: (topLeft + bottomRight) / 2, light: (topRight + bottomLeft) / 2 };
}
