// One step of training, taken substep by substep.

import { substepsOf } from "../../config/substeps.js";
import { button, el, hint } from "../../dom.js";
import { tickLine } from "../widgets/forms.js";
import { SubstepView } from "../widgets/substep-view.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("../../protocol.d.ts").Substep} Substep */

/** Buttons that take substeps, and what they did. */
export class StepBySubsteps {
  /** @type {Substep | null} the last one, as long as nothing else has moved the run since */
  #last = null;
  /** @type {unknown} the worker that took it; after a reset there is another */
  #lastReady = null;
  #pending = Promise.resolve();

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.own = el("input", { type: "checkbox", id: "own-z" });
    this.ownZ = el("input", { type: "number", id: "own-z-value", min: "0", max: "1", step: "any", value: "0.5", "aria-label": "My z" });
    this.ownZ.disabled = true;
    this.own.onchange = () => (this.ownZ.disabled = !this.own.checked);
    this.view = new SubstepView();
    this.element = el(
      "section", { class: "substeps", "aria-label": "One step, substep by substep" },
      el(
        "div", { class: "buttons" },
        button("Next substep", () => this.#advance(), "primary"), button("One epoch", () => desk.actions.step("epoch")),
        tickLine(this.own, "my own z", this.ownZ),
      ),
      hint(
        "→ does the same while the focus is in this part. ",
        "The buttons at the top of the page take whole steps: Step completes the step you are in.",
      ),
      ...this.view.elements,
    );
    this.element.addEventListener("keydown", (event) => {
      const isField = event.target instanceof Element && event.target.matches("input:not([type=checkbox]), select, [role=slider]");
      if (event.key !== "ArrowRight" || isField) return;
      event.preventDefault();
      this.#advance();
    });
  }

  show() {
    const { run, isReady, held } = this.desk;
    if (!run || !isReady || !run.frame) return;
    const hasMovedOn = this.#last && (this.#lastReady !== run.ready || run.frame.step > this.#last.step);
    if (hasMovedOn) this.#last = null;
    const last = this.#last;
    // A step that cannot be taken apart has none; the list stays, as the text does that explains it.
    const order = last?.order ?? (run.ready && substepsOf(run.ready.config.order)) ?? substepsOf("fakeThenGeneratorThenReal") ?? [];
    this.view.show({ last, order, next: run.frame.next, held });
  }

  /** The last substep no longer says how the run came to where it is. */
  forget() {
    this.#last = null;
    this.view.clear();
  }

  /** Takes the next substep, after those that were asked for before. */
  #advance() {
    this.#pending = this.#pending.then(() => this.#take());
  }

  async #take() {
    const { run } = this.desk;
    if (!run?.ready || run.phase === "dead") return;
    this.desk.actions.say("");
    const z = this.ownZ.valueAsNumber;
    const latent = this.own.checked && z >= 0 && z <= 1 ? Float32Array.of(z) : null;
    const done = await run.move({ kind: "substep", latent });
    if (!done) return;
    this.#last = done;
    this.#lastReady = run.ready;
    this.show();
  }
}
