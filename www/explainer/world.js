// What a learner changes in chapters 1 to 4 and takes along: faces, noise, the networks built by hand. Pure: no DOM, no engine.

import { tensorsOf } from "./numbers.js";
import { PIXELS, picturesOf, weightedSum } from "./pictures.js";
import { uniforms } from "../random.js";

/** Pictures in the noise gallery. */
export const NOISE_COUNT = 8;
/** Most faces that a person may add. */
export const MOST_OWN_FACES = 7;

/** The rule in its first form: add the diagonal, subtract the rest, and ask for more than 1. */
export const RULE = { weights: [1, -1, -1, 1], threshold: 1 };
/** A generator that makes a face of every z. */
export const MAKER = { weights: [1, -1, -1, 1], biases: [2, -2, -2, 2] };

/** Everything a learner made. */
export class World {
  /** @type {number[][]} the faces of the data set; none until they are here */
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
  /** Index of the face that chapter 4 looks at. */
  chosenFace = 0;
  /** Grows with every change. */
  version = 0;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.random = uniforms(1);
    this.noise = this.#roll();
  }

  /** @returns {number[][]} all faces that are trained on, in order */
  get faces() {
    return [...this.builtIn, ...this.ownFaces];
  }

  /** @returns {number[]} the face that was chosen */
  get face() {
    return this.faces[Math.min(this.chosenFace, this.faces.length - 1)];
  }

  /** @returns {string[]} names of the faces, then of the noise */
  get names() {
    const numbered = (/** @type {string} */ word, /** @type {unknown[]} */ pictures) => pictures.map((_, i) => `${word} ${i + 1}`);
    return [...numbered("Face", this.builtIn), ...numbered("Your face", this.ownFaces), ...numbered("Noise", this.noise)];
  }

  /** @param {Partial<Pick<World, "ownFaces" | "sketch" | "weights" | "threshold" | "makerWeights" | "makerBiases" | "z" | "chosenFace">>} changed */
  set(changed) {
    Object.assign(this, changed);
    this.#touch();
  }

  /** @param {Float32Array} samples the faces of the data set, one after the other */
  take(samples) {
    this.builtIn = picturesOf(samples).map((picture) => picture.map((value) => Number(value.toFixed(6))));
    this.#touch();
  }

  reroll() {
    this.noise = this.#roll();
    this.#touch();
  }

  /** @returns {boolean} false if there are as many as there may be */
  addSketch() {
    if (this.ownFaces.length >= MOST_OWN_FACES) return false;
    this.set({ ownFaces: [...this.ownFaces, [...this.sketch]] });
    return true;
  }

  /** @param {number} index of an own face */
  remove(index) {
    this.set({ ownFaces: this.ownFaces.toSpliced(index, 1) });
  }

  #touch() {
    this.version += 1;
    this.onChange();
  }

  /** @returns {number[][]} */
  #roll() {
    return Array.from({ length: NOISE_COUNT }, () => Array.from({ length: PIXELS.length }, () => Math.round(this.random() * 100) / 100));
  }
}

/**
 * The rule's verdict on a picture.
 * @typedef {object} Verdict
 * @property {number[]} picture
 * @property {boolean} isFace whether it is one
 * @property {number} sum
 * @property {boolean} called a face, by the rule
 * @property {boolean} miss
 */

/**
 * @param {Pick<World, "faces" | "noise" | "weights" | "threshold">} world
 * @returns {Verdict[]} one for each face, then one for each noise picture
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
 * @returns {import("../protocol.d.ts").Values[]}
 */
export function handBuilt({ weights, threshold, makerWeights, makerBiases }) {
  return tensorsOf({ v: makerWeights, c: makerBiases, w: weights, b: -threshold });
}
