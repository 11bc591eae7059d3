// The figures: plain text that a person reads and a program can parse.

import { classesText } from "../../config/classes.js";
import { hasPenalty, isCrossEntropy } from "../../config/losses.js";
import { findAll, setText } from "../../dom.js";

/** @typedef {import("../run.js").Run} Run */

const NONE = "–";

const SCORES_HINT =
  "D(real) and D(fake) are D’s mean scores of real and of generated samples: its belief, from 0 to 1, that they are real. At 0.5 it cannot tell.";
const OUTPUTS_HINT =
  "This loss works on D’s raw outputs, which have no bounds; what counts is how far those for real and for generated samples are apart. " +
  "D(real) and D(fake) are the same, squeezed into 0 to 1, and no probabilities here.";

/**
 * Writes every figure into the element that is named for it by `data-metric`.
 * @param {ParentNode} root
 * @param {Run} run
 */
export function showFigures(root, run) {
  const texts = new Map(Object.entries(figuresOf(run)));
  for (const figure of findAll("[data-metric]", root)) {
    const text = texts.get(figure.dataset.metric ?? "");
    if (text !== undefined) setText(figure, text);
  }
}

/**
 * @param {Run} run
 * @returns {object} the text of each figure, by its name
 */
function figuresOf({ frame, dataset, phase, device }) {
  return {
    "step": String(frame?.step ?? 0),
    "epoch": (frame?.epoch ?? 0).toFixed(2),
    "loss-d": fixed(frame?.lossD),
    "loss-g": fixed(frame?.lossG),
    "score-real": fixed(frame?.scoreReal),
    "score-fake": fixed(frame?.scoreFake),
    "logit-real": fixed(frame?.logitReal),
    "logit-fake": fixed(frame?.logitFake),
    "penalty": fixed(frame?.penalty),
    "gradient-norm": fixed(frame?.gradientNorm),
    "steps-per-second": phase === "training" ? rate(frame?.stepsPerSecond) : NONE,
    "backend": device?.label ?? NONE,
    "dataset": dataset ? datasetText(dataset) : NONE,
  };
}

/**
 * Shows the figures that a training has, and says what they mean. D's scores are shown always; its raw outputs where the loss works on those.
 * @param {ParentNode} root with elements that have `data-loss`, "outputs" or "penalty", and one with `data-hint=scores`
 * @param {import("../../../src/types.d.ts").GanConfig} config
 */
export function showFiguresOf(root, config) {
  const outputs = !isCrossEntropy(config.loss);
  const kinds = { outputs, penalty: hasPenalty(config) };
  for (const figure of findAll("[data-loss]", root)) figure.hidden = !kinds[/** @type {keyof typeof kinds} */ (figure.dataset.loss)];
  for (const hint of findAll("[data-hint=scores]", root)) setText(hint, outputs ? OUTPUTS_HINT : SCORES_HINT);
}

/**
 * @param {import("../../protocol.d.ts").DatasetReport} dataset
 * @returns {string}
 */
export function datasetText({ name, available, total, classes, chosen }) {
  if (total === 0) return `${name}, no images yet`;
  const only = classesText(classes, chosen);
  return `${name}, ${only && `${only}: `}${available.toLocaleString("en")} of ${total.toLocaleString("en")} images`;
}

/**
 * @param {number | null | undefined} value
 * @returns {string}
 */
function fixed(value) {
  return value === null || value === undefined ? NONE : value.toFixed(4);
}

/**
 * @param {number | null | undefined} perSecond
 * @returns {string}
 */
function rate(perSecond) {
  if (perSecond === null || perSecond === undefined) return NONE;
  return perSecond.toFixed(perSecond < 10 ? 2 : perSecond < 100 ? 1 : 0);
}
