// Words about a loss: where its curves would stand if neither player could tell, and what its figures mean. Pure.

import { unreachable } from "../errors.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").LossConfig} LossConfig */

/**
 * A level of the loss curves.
 * @typedef {object} Equilibrium
 * @property {number} value
 * @property {string} name of the value, for people
 * @property {string} of the player whose loss it is: "D", "G" or "D and G"
 */

/**
 * What a loss works on: probabilities (D is trained by cross-entropy), or D's raw outputs, perhaps with a gradient penalty.
 * @type {{[Type in LossConfig["type"]]: "probabilities" | "outputs" | "outputsAndPenalty"}}
 */
const WORKS_ON = {
  bce: "probabilities",
  bceSaturating: "probabilities",
  leastSquares: "outputs",
  hinge: "outputs",
  wasserstein: "outputs",
  wassersteinGp: "outputsAndPenalty",
  relativistic: "outputs",
};

/**
 * @param {LossConfig} loss
 * @returns {boolean} whether D's scores are probabilities
 */
export function isCrossEntropy(loss) {
  return WORKS_ON[loss.type] === "probabilities";
}

/**
 * @param {Pick<GanConfig, "loss" | "gradientPenalties">} config
 * @returns {boolean} whether D's slope is penalised, by the loss itself or beside it
 */
export function hasPenalty({ loss, gradientPenalties }) {
  return WORKS_ON[loss.type] === "outputsAndPenalty" || Object.values(gradientPenalties).some((penalty) => penalty !== null);
}

/**
 * The levels at which the losses stand when D gives real and generated samples one and the same output, the best one for it. With a target of 1 - s for
 * real samples (label smoothing s) that output is not 0:
 * - cross-entropy: -(1 - s) ln p - (1 + s) ln(1 - p) is least at the score p = (1 - s) / 2;
 * - least squares: (o - 1 + s)² / 2 + o² / 2 is least at o = (1 - s) / 2, where it is (1 - s)² / 4;
 * - hinge: max(0, 1 - o) + max(0, 1 + o) is 2 for every o from -1 to 1, and larger elsewhere;
 * - Wasserstein: o - o is 0 whatever o is; a gradient of norm 1 costs no penalty;
 * - relativistic: ln(1 + exp(o - o)) is ln 2 whatever o is, for both players.
 * G's loss is its own formula at that output. Where it is -o (hinge, Wasserstein) o is free to drift, and G has no level.
 * @param {Pick<GanConfig, "loss" | "discriminatorLossScale">} config
 * @returns {Equilibrium[]} D's and G's, or one for both where they are the same
 */
export function equilibria({ loss, discriminatorLossScale: scale }) {
  const { d, g } = levels(loss, scale);
  if (g !== null && Math.abs(d - g) < 1e-9) return [{ value: d, name: nameOf(d), of: "D and G" }];
  const lines = [{ value: d, name: nameOf(d), of: "D" }];
  if (g !== null) lines.unshift({ value: g, name: nameOf(g), of: "G" });
  return lines;
}

/**
 * @param {LossConfig} loss
 * @param {number} scale
 * @returns {{d: number, g: number | null}}
 */
function levels(loss, scale) {
  switch (loss.type) {
    case "bce":
    case "bceSaturating": {
      const s = loss.labelSmoothing;
      const [right, wrong] = [Math.log((1 - s) / 2), Math.log((1 + s) / 2)];
      return { d: -scale * ((1 - s) * right + (1 + s) * wrong), g: loss.type === "bce" ? -right : wrong };
    }
    case "leastSquares": {
      const s = loss.labelSmoothing;
      return { d: (scale * (1 - s) ** 2) / 4, g: (1 + s) ** 2 / 8 };
    }
    case "hinge":
      return { d: 2 * scale, g: null };
    case "wasserstein":
    case "wassersteinGp":
      return { d: 0, g: null };
    case "relativistic":
      return { d: scale * Math.LN2, g: Math.LN2 };
    default:
      return unreachable(loss);
  }
}

/** Levels that people know by a name. */
const NAMES = [
  { value: Math.LN2, name: "ln 2 = 0.693" },
  { value: 2 * Math.LN2, name: "2 ln 2 = 1.386" },
  { value: -Math.LN2, name: "−ln 2 = −0.693" },
];

/**
 * @param {number} value
 * @returns {string}
 */
function nameOf(value) {
  const known = NAMES.find((row) => Math.abs(row.value - value) < 1e-9);
  return known?.name ?? String(Number(value.toFixed(3))).replace("-", "−");
}

/**
 * @param {readonly Equilibrium[]} lines
 * @returns {string} "ln 2 = 0.693 for G and 2 ln 2 = 1.386 for D"
 */
export function equilibriaText(lines) {
  return lines.map(({ name, of }) => `${name} for ${of}`).join(" and ");
}

/**
 * @param {LossConfig} loss
 * @returns {string} what its curves mean, for people
 */
export function lossWords(loss) {
  switch (loss.type) {
    case "bce":
      return "Now: cross-entropy. D’s loss is −log D(real) − log(1 − D(fake)), over both halves of its batch; G’s is −log D(fake)." +
        smoothingWords(loss.labelSmoothing);
    case "bceSaturating":
      return "Now: the minimax game. D’s loss is −log D(real) − log(1 − D(fake)); G’s is log(1 − D(fake)), the very same term from the other side. " +
        `It is flat, and G learns slowly, wherever D is sure.${smoothingWords(loss.labelSmoothing)}`;
    case "leastSquares":
      return "Now: least squares. D pulls its raw output to 1 for real and to 0 for generated samples; G pulls it to 1. " +
        `Being far off costs the square of the distance, also on the right side.${smoothingWords(loss.labelSmoothing)}`;
    case "hinge":
      return "Now: hinge. D is content once its raw output is above 1 for real and below −1 for generated samples; " +
        "G’s loss is minus D’s mean raw output, which may drift to any height, so it has no line.";
    case "wasserstein":
      return "Now: Wasserstein. D is a critic, not a judge: its loss is its mean output on generated minus that on real samples, " +
        `minus the distance it sees between the two. Its weights are kept within ±${loss.clip}. ` +
        "G’s loss is minus the critic’s output, which may drift, so it has no line.";
    case "wassersteinGp":
      return "Now: Wasserstein with gradient penalty. D is a critic, not a judge: its loss is its mean output on generated minus that on " +
        "real samples, and a penalty that keeps its slope near 1. G’s loss is minus the critic’s output, which may drift, so it has no line.";
    case "relativistic":
      return "Now: relativistic. D is asked which one of a pair is real: its loss is small where its raw output is higher for a real sample than for its " +
        "generated partner, and G’s where it is the other way round. Only differences count, so the raw outputs themselves may drift.";
    default:
      return unreachable(loss);
  }
}

/**
 * @param {number} smoothing
 * @returns {string}
 */
function smoothingWords(smoothing) {
  return smoothing > 0 ? ` Real samples have the target ${Number((1 - smoothing).toFixed(4))} instead of 1, so the lines move.` : "";
}
