// Fields of a form: an input or a choice with its label.

import { el } from "../../dom.js";

/** @typedef {import("../../dom.js").Child} Child */

/**
 * @param {HTMLInputElement | HTMLSelectElement} input with an id
 * @param {...Child} label
 * @returns {HTMLDivElement} both, the label above
 */
export function field(input, ...label) {
  return el("div", { class: "field" }, el("label", { for: input.id }, ...label), input);
}

/**
 * @param {HTMLInputElement} box a checkbox with an id
 * @param {string} label
 * @param {...Child} more what follows on the same line
 * @returns {HTMLSpanElement}
 */
export function tickLine(box, label, ...more) {
  return el("span", { class: "tick-line" }, box, el("label", { for: box.id }, label), ...more);
}

/**
 * @param {string} id
 * @param {readonly string[]} [texts]
 * @returns {HTMLSelectElement} a choice among them, in order
 */
export function choice(id, texts = []) {
  return el("select", { id }, ...texts.map((text) => el("option", {}, text)));
}

/**
 * @param {string} id
 * @param {{min: number, max: number, step: number}} range
 * @param {number} [value] the middle by default
 * @returns {HTMLInputElement} a slider of the browser's own kind
 */
export function rangeInput(id, { min, max, step }, value) {
  const from = value === undefined ? {} : { value: String(value) };
  return el("input", { id, type: "range", min: String(min), max: String(max), step: String(step), ...from });
}

/** @returns {HTMLSpanElement} a place in a label for the value of its field */
export function amount() {
  return el("span", { class: "amount" });
}
