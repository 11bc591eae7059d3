// Numbers as a person reads them.

import { el } from "../dom.js";

/**
 * @param {number} value
 * @param {number} digits decimals
 * @returns {string} zero has no sign; a dash stands for what is not known
 */
export function fixed(value, digits) {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

/**
 * @param {number} value
 * @param {number} digits decimals
 * @returns {string} with its sign, also where that is a plus
 */
export function signed(value, digits) {
  const text = fixed(value, digits);
  return text.startsWith("-") || text === "–" ? text : `+${text}`;
}

/**
 * A number as text, with the exact value beside it for programs.
 * @param {number} value
 * @param {number} [digits] decimals
 * @param {Record<string, string>} [attributes]
 * @returns {HTMLDataElement}
 */
export function num(value, digits = 3, attributes = {}) {
  return el("data", { value: String(value), ...attributes }, fixed(value, digits));
}
