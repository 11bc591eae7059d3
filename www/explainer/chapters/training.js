// Chapter 5: training. A step substep by substep, an epoch, or a run at any speed; what comes of it; the notebook's numbers.

import { el, hint, p } from "../../dom.js";
import { tensorsOf, thirteen } from "../numbers.js";
import { NotebookMatch } from "../sections/notebook-match.js";
import { Outcome } from "../sections/outcome.js";
import { StepBySubsteps } from "../sections/step-by-step.js";
import { symbol } from "../widgets/cards.js";
import { choice, field } from "../widgets/forms.js";
import { NumberForm } from "../widgets/number-form.js";

/** @typedef {import("../desk.js").Desk} Desk */

/** Speeds on offer, steps a second; null: as fast as it goes. */
const PACES = /** @type {const} */ ([
  [null, "as fast as it goes"], [200, "200 steps a second"], [50, "50 steps a second"], [10, "10 steps a second"], [2, "2 steps a second"],
]);
/** Presets of the toy by the order of their updates. */
const UPDATE_ORDERS = /** @type {const} */ ([
  ["toy-2x2", "face first, as the notebook does"], ["toy-2x2-fake-first", "fake first, as Serrano tells it"],
]);

/** The controls of training and what comes of it. */
export class Training {
  title = "Training";
  short = "Training";

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.steps = new StepBySubsteps(desk);
    this.outcome = new Outcome(desk);
    this.notebook = new NotebookMatch(desk, () => this.steps.forget());
    this.form = new NumberForm(() => thirteen(desk.held), (numbers) => this.#load(numbers));
    this.pace = choice("pace", PACES.map(([, text]) => text));
    this.pace.onchange = () => desk.setPace(PACES[this.pace.selectedIndex][0]);
    this.order = el("select", { id: "order" }, ...UPDATE_ORDERS.map(([preset, text]) => el("option", { value: preset }, text)));
    this.order.onchange = () => desk.actions.choosePreset(this.order.value);
    this.element = el(
      "div", {},
      p(
        "Two players, one error each. ", symbol("z", "Pick z"), ", let G make a ", symbol("fake", "fake"), ", let D judge it; D learns to say no, ",
        "G learns to make D say yes. Then a real face, and D learns to say yes. That is one step, and an ", symbol("epoch"),
        " is one step for each face. Serrano tells it in this order; his notebook begins with the face, ",
        "and so does this page unless you choose otherwise.",
      ),
      el("div", { class: "fields" }, field(this.order, "Order of a step"), field(this.pace, "Speed of Train")),
      hint("Another order starts the GAN anew."),
      this.steps.element, this.outcome.element, this.form.element, this.notebook.element,
    );
  }

  show() {
    const { run } = this.desk;
    if (!run) return;
    this.order.value = run.settings.preset;
    this.steps.show();
    this.outcome.show();
  }

  /** @param {import("../numbers.js").Thirteen} numbers that the run takes for its own */
  async #load(numbers) {
    const done = this.desk.run?.move({ kind: "load", parameters: tensorsOf(numbers), latents: null });
    this.steps.forget();
    await done;
  }
}
