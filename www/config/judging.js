// Words and figures of the judge: how good the pictures are, beside real ones, and what is wrong with them. Pure.

import { percent } from "./drawing.js";

/** @typedef {import("../protocol.d.ts").JudgeReport} JudgeReport */

/** Distances (FD) whose first passing is told, from shapes in noise to digits that are hard to tell from real ones. */
export const LEVELS = [100, 50, 20, 10, 5];
/** A class is drawn far too often from this multiple of its fair share on, and hardly from this part of it. */
const FAR_ABOVE = 2;
const FAR_BELOW = 0.2;
/** Spread within a class below which its pictures are much alike, as a share of that of real ones. */
const ALIKE = 0.6;

/**
 * @param {Pick<JudgeReport["info"], "realFd" | "realFdDeviation">} info
 * @param {number} samples
 * @returns {{fd: number, deviation: number} | null} what so many real images score; null: it was not measured for this number
 */
export function realDistance({ realFd, realFdDeviation }, samples) {
  const fd = realFd[String(samples)];
  return fd === undefined ? null : { fd, deviation: realFdDeviation?.[String(samples)] ?? 0 };
}

/**
 * @param {JudgeReport} report
 * @returns {string} what the distance is of, and how certain it is
 */
export function distanceWords({ info, score, classes }) {
  if (classes) return "It compares with real images of all classes, so with a choice of classes it stays large and says little; the other figures hold.";
  const size = score.samples.toLocaleString("en");
  const real = realDistance(info, score.samples);
  const of = `Of ${size} fresh pictures`;
  if (!real) return `${of}; 0 would be perfect, and so few pictures never reach it.`;
  return `${of}. So few never score 0: as many real images score ${real.fd.toFixed(1)}, give or take ${real.deviation.toFixed(1)}; ` +
    "differences of that size mean nothing.";
}

/**
 * Distances up to which a verdict holds, over that of as many real images. By what people made of the pictures at these distances; the two judges
 * measure by features of their own, so their distances are not the same.
 * @type {{[Data in JudgeReport["info"]["dataset"]]: {readonly most: number, readonly words: string}[]}}
 */
const VERDICTS = {
  mnist: [{ most: 2, words: "close to real ones" }, { most: 8, words: "good" }, { most: 25, words: "readable, with slips" }, { most: 100, words: "taking shape" }],
  fashion: [{ most: 1, words: "close to real ones" }, { most: 4, words: "good" }, { most: 12, words: "clear, with slips" }, { most: 50, words: "taking shape" }],
};

/**
 * @param {Pick<JudgeReport, "info" | "score">} report
 * @returns {string} a verdict in a few words
 */
export function verdictWords({ info, score }) {
  const excess = score.fd - (realDistance(info, score.samples)?.fd ?? 0);
  return VERDICTS[info.dataset].find(({ most }) => excess <= most)?.words ?? "far from real ones";
}

/**
 * @param {JudgeReport} report
 * @returns {string} the verdict in a few words
 */
export function briefWords(report) {
  const { score, classes } = report;
  return classes ? `${percent(score.confident)} clearly one class` : `FD ${score.fd.toFixed(1)}: ${verdictWords(report)}`;
}

/**
 * @param {readonly number[]} share of each class
 * @param {ReadonlyArray<number> | null} chosen classes that are trained on; null: all
 * @returns {number} the share of each that would be fair
 */
export function fairShare(share, chosen) {
  return 1 / (chosen ?? share).length;
}

/**
 * Finds classes that are drawn far more often, or far less often, than their fair share.
 * @param {readonly number[]} share of each class
 * @param {ReadonlyArray<number> | null} chosen classes that are trained on; null: all
 * @returns {{over: number[], under: number[]}}
 */
export function uneven(share, chosen) {
  const asked = chosen ?? share.map((_, label) => label);
  const fair = fairShare(share, chosen);
  // With one or two classes chosen twice the fair share would be all there is.
  const most = Math.min(FAR_ABOVE * fair, (1 + fair) / 2);
  const over = asked.length > 1 ? share.flatMap((value, label) => (value >= most ? [label] : [])) : [];
  return { over, under: asked.filter((label) => share[label] < FAR_BELOW * fair) };
}

/**
 * @param {JudgeReport} report
 * @param {readonly string[]} names of the classes
 * @returns {string} what is wrong with the variety of the pictures; empty: nothing
 */
export function collapseWords({ score, classes }, names) {
  const { over, under } = uneven(score.classShare, classes);
  const list = (/** @type {number[]} */ labels) => labels.map((label) => `${names[label] ?? label} (${percent(score.classShare[label])})`).join(", ");
  const words = [];
  if (over.length > 0) words.push(`Far too many pictures look like ${list(over)}: G may have found one trick and be forgetting the rest (mode collapse).`);
  if (under.length > 0) words.push(`Hardly any look like ${list(under)}.`);
  if (score.diversity < ALIKE) words.push("Within a class the pictures are much alike: another kind of collapse.");
  return words.join(" ");
}

/**
 * @param {JudgeReport["passed"]} passed
 * @returns {string[]} "FD 100 after 2.1 s, at step 60"
 */
export function passedWords(passed) {
  return passed.map(({ fd, seconds, step }) => `${fd} after ${seconds.toFixed(1)} s, at step ${step.toLocaleString("en")}`);
}
