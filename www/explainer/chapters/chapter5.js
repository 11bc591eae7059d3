// Chapter 5: training. A step piece by piece, an epoch, or a run at any speed; what comes of it; the notebook's numbers.

import { symbol } from "../widgets/cards.js";
import { el, hint, p } from "../dom.js";
import { NotebookMatch } from "../widgets/notebook.js";
import { Panorama } from "../widgets/panorama.js";
import { Substeps } from "../widgets/substeps.js";
import { ThirteenForm } from "../numbers.js";

/** @typedef {import("../desk.js").Desk} Desk */

/** Speeds on offer, steps a second; null: as fast as it goes. */
const PACES = /** @type {const} */ ([[null, "as fast as it goes"], [200, "200 steps a second"], [50, "50 steps a second"], [10, "10 steps a second"], [2, "2 steps a second"]]);
const ORDERS = /** @type {const} */ ([["toy-2x2", "face first, as the notebook does"], ["toy-2x2-fake-first", "fake first, as Serrano tells it"]]);

/** All of training. */
export class Training {
  title = "Training";
  short = "Training";
  /** @type {unknown} the worker that knows the pace */
  pacedReady = null;

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.substeps = new Substeps(desk);
    this.panorama = new Panorama(desk);
    const forget = () => this.substeps.forget();
    this.notebook = new NotebookMatch(desk, forget);
    this.form = new ThirteenForm(desk, forget);
    this.pace = el("select", { id: "pace" }, ...PACES.map(([, text]) => el("option", {}, text)));
    this.pace.onchange = () => this.#sendPace();
    this.order = el("select", { id: "order" }, ...ORDERS.map(([preset, text]) => el("option", { value: preset }, text)));
    this.order.onchange = () => desk.actions.choosePreset(this.order.value);
    this.element = el(
      "div", {},
      p("Two players, one error each. ", symbol("z", "Pick z"), ", let G make a ", symbol("fake", "fake"), ", let D judge it; D learns to say no, G learns to make D say yes. Then a real face, and D learns to say yes. That is one step, and an ", symbol("epoch"), " is one step for each face. Serrano tells it in this order; his notebook begins with the face, and so does this page unless you choose otherwise."),
      el(
        "div", { class: "fields" },
        el("div", { class: "field" }, el("label", { for: "order" }, "Order of a step"), this.order),
        el("div", { class: "field" }, el("label", { for: "pace" }, "Speed of Train"), this.pace),
      ),
      hint("Another order starts the GAN anew."),
      this.substeps.element, this.panorama.element, this.form.element, this.notebook.element,
    );
  }

  #sendPace() {
    this.pacedReady = this.desk.run?.ready ?? null;
    void this.desk.ask({ kind: "pace", stepsPerSecond: PACES[this.pace.selectedIndex][0] });
  }

  show() {
    const { run } = this.desk;
    if (!run) return;
    this.order.value = run.settings.preset;
    if (run.ready && run.ready !== this.pacedReady) {
      if (this.pace.selectedIndex > 0) this.#sendPace();
      else this.pacedReady = run.ready;
    }
    this.substeps.show();
    this.panorama.show();
  }
}
