// A form of the thirteen numbers, to set them by hand.

import { button, el, hint } from "../../dom.js";
import { LETTERS, MEANINGS, SIGNS } from "../numbers.js";

/** @typedef {import("../numbers.js").Thirteen} Thirteen */
/** @typedef {import("../numbers.js").Letter} Letter */

/** Thirteen fields, closed at first. */
export class NumberForm {
  /**
   * @param {() => Thirteen} read the numbers that the fields begin with
   * @param {(numbers: Thirteen) => Promise<void>} use called with numbers that f32 can hold
   */
  constructor(read, use) {
    this.read = read;
    this.use = use;
    /** @type {Record<Letter, HTMLInputElement[]>} */
    this.fields = { v: fieldsOf("v"), c: fieldsOf("c"), w: fieldsOf("w"), b: fieldsOf("b") };
    this.said = el("p", { class: "hint", "aria-live": "polite" });
    const rows = LETTERS.map((letter) => el(
      "div", { class: "number-row" }, el("span", { "aria-hidden": "true" }, `${letter}, ${MEANINGS[letter]}`), ...this.fields[letter],
    ));
    this.element = el(
      "details", {}, el("summary", {}, "Set the thirteen numbers yourself"), ...rows,
      el("div", { class: "buttons" }, button("Read the numbers of now", () => this.#fill()), button("Use these numbers", () => void this.#submit())),
      this.said,
      hint("They replace the numbers of your GAN between two steps; what was measured stays. Reset brings back the seed’s start."),
    );
    this.element.ontoggle = () => this.element.open && this.#fill();
  }

  #fill() {
    const held = this.read();
    for (const letter of LETTERS) {
      const values = [held[letter]].flat();
      this.fields[letter].forEach((field, i) => (field.value = String(values[i] ?? "")));
    }
    this.said.textContent = "";
  }

  async #submit() {
    const values = (/** @type {Letter} */ letter) => this.fields[letter].map((field) => field.valueAsNumber);
    const bad = LETTERS.flatMap(values).filter((value) => !Number.isFinite(Math.fround(value)));
    if (bad.length > 0) {
      this.said.textContent = `${bad.length} of the fields hold no number; nothing was changed.`;
      return;
    }
    await this.use({ v: values("v"), c: values("c"), w: values("w"), b: values("b")[0] });
    this.said.textContent = "Your GAN has these numbers now.";
  }
}

/**
 * @param {Letter} letter
 * @returns {HTMLInputElement[]} a field for each number of that letter
 */
function fieldsOf(letter) {
  return SIGNS[letter].map((sign) => el("input", { type: "number", step: "any", "aria-label": `${sign}, ${MEANINGS[letter]}` }));
}
