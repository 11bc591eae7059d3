// The thirteen numbers of the run, to be set by hand.

import { button, el, hint } from "./dom.js";
import { asValues, thirteen } from "./world.js";

/** @typedef {import("./desk.js").Desk} Desk */

const GROUPS = /** @type {const} */ ([["v", 4], ["c", 4], ["w", 4], ["b", 1]]);
const LONG = { v: "weight of G", c: "bias of G", w: "weight of D", b: "bias of D" };

/** A form of thirteen fields. */
export class ThirteenForm {
  /**
   * @param {Desk} desk
   * @param {() => void} onLoaded
   */
  constructor(desk, onLoaded) {
    this.desk = desk;
    /** @type {Record<"v" | "c" | "w" | "b", HTMLInputElement[]>} */
    this.fields = { v: [], c: [], w: [], b: [] };
    this.said = el("p", { class: "hint", "aria-live": "polite" });
    for (const [key, count] of GROUPS) {
      this.fields[key] = Array.from({ length: count }, (_, i) => el("input", { type: "number", step: "any", "aria-label": `${key}${count > 1 ? "₁₂₃₄"[i] : ""}, ${LONG[key]}` }));
    }
    const rows = GROUPS.map(([key]) => el("div", { class: "number-row" }, el("span", { "aria-hidden": "true" }, `${key}, ${LONG[key]}`), ...this.fields[key]));
    this.element = el(
      "details", {}, el("summary", {}, "Set the thirteen numbers yourself"),
      ...rows, el("div", { class: "buttons" }, button("Read the numbers of now", () => this.read()), button("Use these numbers", () => void this.#use(onLoaded))), this.said,
      hint("They replace the numbers of your GAN between two steps; what was measured stays. Reset brings back the seed’s start."),
    );
    this.element.ontoggle = () => this.element.open && this.read();
  }

  read() {
    const held = thirteen(this.desk.run?.frame?.parameters ?? []);
    const values = { ...held, b: [held.b] };
    for (const [key] of GROUPS) this.fields[key].forEach((field, i) => (field.value = String(values[key][i] ?? "")));
    this.said.textContent = "";
  }

  /** @param {() => void} onLoaded */
  async #use(onLoaded) {
    const values = Object.fromEntries(GROUPS.map(([key]) => [key, this.fields[key].map((field) => field.valueAsNumber)]));
    const bad = Object.values(values).flat().filter((value) => !Number.isFinite(Math.fround(value)));
    if (bad.length > 0) {
      this.said.textContent = `${bad.length} of the fields hold no number; nothing was changed.`;
      return;
    }
    const { v, c, w, b: [b] } = values;
    const done = this.desk.run?.move({ kind: "load", parameters: asValues({ v, c, w, b }), latents: null });
    onLoaded();
    await done;
    this.said.textContent = "Your GAN has these numbers now.";
  }
}
