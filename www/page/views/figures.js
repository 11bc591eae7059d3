// The figures: plain text that a person reads and a program can parse.

import { classesText } from "../../config/classes.js";
import { isCrossEntropy } from "../../config/losses.js";

/** @typedef {import("../run.js").Run} Run */

const NONE = "–";

/**
 * @param {ParentNode} root
 * @param {Run} run
 */
export function showFigures(root, run) {
  const { frame, dataset } = run;
  /** @type {Record<string, string>} */
  const texts = {
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
    "steps-per-second": run.phase === "training" ? rate(frame?.stepsPerSecond) : NONE,
    "backend": run.device?.label ?? NONE,
    "dataset": dataset ? datasetText(dataset) : NONE,
  };
  for (const element of root.querySelectorAll("[data-metric]")) {
    const text = texts[/** @type {HTMLElement} */ (element).dataset.metric ?? ""];
    if (text !== undefined && element.textContent !== text) element.textContent = text;
  }
}

/**
 * Shows the figures that a loss has, and says what they mean. D's scores are shown always; its raw outputs where the loss works on those.
 * @param {ParentNode} root with `[data-loss]` parts, "outputs" or "penalty", and a `[data-hint=scores]`
 * @param {import("../../../src/types.d.ts").LossConfig} loss
 */
export function showFiguresOf(root, loss) {
  const outputs = !isCrossEntropy(loss);
  const kinds = { outputs, penalty: loss.type === "wassersteinGp" };
  for (const part of root.querySelectorAll("[data-loss]")) {
    const html = /** @type {HTMLElement} */ (part);
    html.hidden = !kinds[/** @type {keyof typeof kinds} */ (html.dataset.loss)];
  }
  const hint = root.querySelector("[data-hint=scores]");
  if (hint) hint.textContent = outputs ? OUTPUTS_HINT : SCORES_HINT;
}

const SCORES_HINT = "D(real) and D(fake) are D’s mean scores of real and of generated samples: its belief, from 0 to 1, that they are real. At 0.5 it cannot tell.";
const OUTPUTS_HINT = "This loss works on D’s raw outputs, which have no bounds; what counts is how far those for real and for generated samples are apart. D(real) and D(fake) are the same, squeezed into 0 to 1, and no probabilities here.";

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
