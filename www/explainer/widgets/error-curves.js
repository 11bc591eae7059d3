// The errors of both players over the steps and, for those who ask, what Serrano's notebook plots in their place.

import { el, p } from "../../dom.js";
import { tickLine } from "./forms.js";
import { columnOf } from "./number-paths.js";
import { Plot } from "./plots.js";

/** @typedef {import("../../protocol.d.ts").HistoryColumns} HistoryColumns */
/** @typedef {import("../../protocol.d.ts").TrailColumns} TrailColumns */

/** Steps that the axis has at least. */
const LEAST_STEPS = 20;

/** A plot, a box to tick, and words about the notebook's plot. */
export class ErrorCurves {
  /** @type {{history: HistoryColumns, trail: TrailColumns | null} | null} what is shown */
  #shown = null;

  constructor() {
    this.plot = new Plot("The errors over the steps", 60);
    this.notebook = el("input", { type: "checkbox", id: "notebook-plot" });
    const why = el("div", { hidden: "" }, p(
      "The notebook’s plot of D’s error is not the error. It hands the number z itself to the function that expects a fake of four pixels; ",
      "z is then multiplied with each weight apart, and four errors are added up, beside four times the error on the face. ",
      "So it shows −4 log D(x) − Σ log(1 − D(z in pixel i alone)), which is about three times as high and belongs to pictures that G never made. ",
      "The training of the notebook is right; only its plot is not.",
    ));
    this.notebook.onchange = () => {
      why.hidden = !this.notebook.checked;
      this.#draw();
    };
    this.elements = [this.plot.element, tickLine(this.notebook, "also what the notebook plots"), why];
  }

  /**
   * @param {HistoryColumns} history
   * @param {TrailColumns | null} trail its last column is what the notebook plots
   */
  show(history, trail) {
    this.#shown = { history, trail };
    this.#draw();
  }

  #draw() {
    if (!this.#shown) return;
    const { history: { step, lossD, lossG }, trail } = this.#shown;
    const over = (/** @type {Float32Array} */ losses) => Array.from(step, (at, i) => /** @type {[number, number]} */ ([at, losses[i]]));
    const curves = [{ points: over(lossD), className: "d thin", label: "L(D)" }, { points: over(lossG), className: "g thin dashed", label: "L(G)" }];
    if (this.notebook.checked && trail) curves.push({ points: columnOf(trail, trail.width - 1), className: "soft thin", label: "notebook" });
    const highest = Math.max(2, ...curves.flatMap(({ points }) => points.map(([, value]) => (Number.isFinite(value) ? value : 0))));
    this.plot.show({ x: [0, Math.max(LEAST_STEPS, step.at(-1) ?? 0)], y: [0, highest * 1.05], xLabel: "step", yLabel: "error, nats" }, curves);
  }
}
