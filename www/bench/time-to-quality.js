// How long a training takes until its pictures are close to real ones, by the judge. Pure: it is handed what it trains, what it is judged
// by, and a clock.

import { LEVELS } from "../config/judging.js";

/** Pictures that each distance is of: fewer make it larger, and less certain. */
export const SAMPLES = 5000;
/** Where training ends at the latest, unless it is told otherwise. */
export const UNTIL = { steps: 5000, seconds: 600 };

/** Pictures that are made at a time. */
const PART = 500;
/** Time after which a chunk of steps ends and the page may draw, ms. */
const CHUNK_MS = 100;
/** Most steps that are queued before their losses are awaited, for a GPU. */
const MAX_QUEUED_STEPS = 64;
/** It is judged after every tenth more of the steps so far, so that each time is right to a tenth; and not more often than this, steps. */
const CHECK_SHARE = 0.1;
const MIN_CHECK_STEPS = 10;

/**
 * @typedef {object} Trainee what is trained
 * @property {() => void} queueStep
 * @property {() => Promise<unknown>} finishSteps awaits the losses of all steps that were queued
 * @property {(first: number, count: number) => Promise<{samples: Float32Array, labels: Uint8Array | null}>} draw makes the pictures of some of
 * the `SAMPLES` fixed latents, and tells the classes that they were asked to be
 */

/** @typedef {Pick<import("../../src/types.d.ts").Judge, "look" | "verdict" | "clear">} Judge */

/**
 * @typedef {object} Check
 * @property {number} step
 * @property {number} seconds of training so far
 * @property {number} fd
 * @property {number} confident share of the pictures
 */

/** @typedef {{fd: number, check: Check | null}} Passed the first check with at most this distance; null: there was none */

/**
 * @typedef {object} Report
 * @property {Check[]} checks all, in order
 * @property {Passed[]} passed for each limit
 * @property {number} steps that were taken
 * @property {number} seconds that they took
 * @property {number} stepsPerSecond
 */

/**
 * Trains until the smallest distance is passed, or `until`. Only training counts: neither judging nor the page's own work.
 * @param {Trainee} trainee
 * @param {Judge} judge
 * @param {object} [options]
 * @param {readonly number[]} [options.limits]
 * @param {{steps?: number, seconds?: number}} [options.until]
 * @param {(check: Check) => void} [options.onCheck]
 * @param {() => Promise<unknown>} [options.pause] lets the page draw
 * @param {() => number} [options.now] ms
 * @returns {Promise<Report>}
 */
export async function timeToQuality(trainee, judge, { limits = LEVELS, until = {}, onCheck, pause = async () => {}, now = () => performance.now() } = {}) {
  const end = { ...UNTIL, ...until };
  const best = Math.min(...limits);
  const clock = { ms: 0, step: 0 };
  /** @type {Check[]} */
  const checks = [];
  while (clock.step < end.steps && clock.ms < 1000 * end.seconds) {
    const next = Math.min(nextCheck(clock.step), end.steps);
    while (clock.step < next) {
      await trainChunk(trainee, next, clock, now);
      await pause();
    }
    const { fd, confident } = await judged(trainee, judge, pause);
    const check = { step: clock.step, seconds: clock.ms / 1000, fd, confident };
    checks.push(check);
    onCheck?.(check);
    if (fd <= best) break;
  }
  const seconds = clock.ms / 1000;
  return { checks, passed: passedLimits(checks, limits), steps: clock.step, seconds, stepsPerSecond: clock.step / seconds };
}

/**
 * @param {number} step of the last check
 * @returns {number} that of the next one
 */
export function nextCheck(step) {
  return step + Math.max(MIN_CHECK_STEPS, Math.round(CHECK_SHARE * step));
}

/**
 * @param {readonly Check[]} checks in order
 * @param {readonly number[]} limits
 * @returns {Passed[]}
 */
export function passedLimits(checks, limits) {
  return limits.map((fd) => ({ fd, check: checks.find((check) => check.fd <= fd) ?? null }));
}

/**
 * Takes steps up to `last`, as many as fit into a chunk, and adds them to the clock.
 * @param {Trainee} trainee
 * @param {number} last
 * @param {{ms: number, step: number}} clock
 * @param {() => number} now
 */
async function trainChunk(trainee, last, clock, now) {
  const start = now();
  let queued = 0;
  do {
    trainee.queueStep();
    queued++;
  } while (clock.step + queued < last && queued < MAX_QUEUED_STEPS && now() - start < CHUNK_MS);
  await trainee.finishSteps();
  clock.ms += now() - start;
  clock.step += queued;
}

/**
 * @param {Trainee} trainee
 * @param {Judge} judge
 * @param {() => Promise<unknown>} pause
 * @returns {Promise<{fd: number, confident: number}>} of `SAMPLES` pictures
 */
async function judged(trainee, judge, pause) {
  judge.clear();
  for (let first = 0; first < SAMPLES; first += PART) {
    const { samples, labels } = await trainee.draw(first, Math.min(PART, SAMPLES - first));
    judge.look(samples, labels ?? undefined);
    await pause();
  }
  return judge.verdict();
}
