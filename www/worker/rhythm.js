// When the judge looks, so that it costs little of training, and what is kept of what it said. Pure.

import { LEVELS } from "../config/judging.js";

/** @typedef {import("../../src/types.d.ts").JudgeScore} JudgeScore */
/** @typedef {import("../protocol.d.ts").JudgeColumns} JudgeColumns */

/** Training before the first look, ms: until then there is nothing but noise. */
export const FIRST_LOOK_MS = 2000;
/** Training between two looks, as a multiple of the time that the last one took: looking is a twentieth of all. */
export const TRAINING_FOR_LOOK = 19;
/** Samples in a verdict, at first: the distance of fewer is larger and less certain, more cost more, and at first there is much to see. */
const FEW_SAMPLES = 1000;
/** Samples in a verdict after a while, when a little less often will do. */
const MANY_SAMPLES = 2000;
/** Training after which that is so, ms. */
const LATER_MS = 20_000;
/** Most looks that are kept, an even number. */
export const KEPT_LOOKS = 400;

/**
 * @param {number} trainedMs training so far
 * @returns {number} samples that a verdict is of
 */
export function judgedSamples(trainedMs) {
  return trainedMs < LATER_MS ? FEW_SAMPLES : MANY_SAMPLES;
}

/** Tells when the next look is due. */
export class Rhythm {
  /** Training after which the next look is due, ms. */
  due = FIRST_LOOK_MS;
  /** @type {number | null} how long the latest look took, ms; null: there was none */
  lookMs = null;

  /**
   * @param {number} trainedMs training so far
   * @returns {boolean}
   */
  isDue(trainedMs) {
    return trainedMs >= this.due;
  }

  /**
   * @param {number} lookMs how long a look took
   * @param {number} trainedMs training so far
   */
  looked(lookMs, trainedMs) {
    this.lookMs = lookMs;
    this.due = trainedMs + TRAINING_FOR_LOOK * lookMs;
  }
}

/** The verdicts of a run in bounded memory: when it is full, every other one is dropped. */
export class Verdicts {
  /** @type {{step: number, fd: number, confident: number}[]} */
  #rows = [];
  /** @type {import("../protocol.d.ts").JudgeReport["passed"]} */
  passed = [];

  /** @param {number} [capacity] */
  constructor(capacity = KEPT_LOOKS) {
    this.capacity = capacity;
  }

  /**
   * @param {JudgeScore} score
   * @param {number} step completed steps
   * @param {number} seconds of training
   */
  add({ fd, confident }, step, seconds) {
    if (this.#rows.at(-1)?.step === step) this.#rows.pop(); // Another look at the same weights takes the place of the first.
    this.#rows.push({ step, fd, confident });
    if (this.#rows.length > this.capacity) this.#rows = this.#rows.filter((_, i, all) => (all.length - 1 - i) % 2 === 0);
    for (const level of LEVELS) {
      if (fd <= level && !this.passed.some((row) => row.fd === level)) this.passed.push({ fd: level, seconds, step });
    }
  }

  /** @returns {JudgeColumns} copies */
  columns() {
    return {
      step: Float64Array.from(this.#rows, ({ step }) => step),
      fd: Float32Array.from(this.#rows, ({ fd }) => fd),
      confident: Float32Array.from(this.#rows, ({ confident }) => confident),
    };
  }
}
