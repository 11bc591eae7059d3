// The figures: plain text that a person reads and a program can parse.

/** @typedef {import("../run.js").Run} Run */

const NONE = "–";

/**
 * @param {ParentNode} root
 * @param {Run} run
 */
export function showFigures(root, run) {
  const { frame, ready, dataset } = run;
  /** @type {Record<string, string>} */
  const texts = {
    "step": String(frame?.step ?? 0),
    "epoch": (frame?.epoch ?? 0).toFixed(2),
    "loss-d": fixed(frame?.lossD),
    "loss-g": fixed(frame?.lossG),
    "score-real": fixed(frame?.scoreReal),
    "score-fake": fixed(frame?.scoreFake),
    "steps-per-second": run.phase === "training" ? rate(frame?.stepsPerSecond) : NONE,
    "backend": ready?.device.label ?? NONE,
    "dataset": dataset ? datasetText(dataset) : NONE,
  };
  for (const element of root.querySelectorAll("[data-metric]")) {
    const text = texts[/** @type {HTMLElement} */ (element).dataset.metric ?? ""];
    if (text !== undefined && element.textContent !== text) element.textContent = text;
  }
}

/**
 * @param {import("../protocol.d.ts").DatasetReport} dataset
 * @returns {string}
 */
export function datasetText({ name, available, total }) {
  if (total === 0) return `${name}, no images yet`;
  return `${name}, ${available.toLocaleString("en")} of ${total.toLocaleString("en")} images`;
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
