// What the explainer makes besides plain elements: SVG, numbers as text.

import { el } from "../dom.js";

export { button, el, hint, p } from "../dom.js";

/**
 * The namespace of SVG, asked of the browser when it is first needed.
 * @type {string | null}
 */
let namespace = null;

/** @typedef {import("../dom.js").Child} Child */

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  namespace ??= namespaceOfSvg();
  const element = /** @type {SVGElementTagNameMap[K]} */ (document.createElementNS(namespace, tag));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** @returns {string | null} */
function namespaceOfSvg() {
  const template = document.createElement("template");
  template.innerHTML = "<svg></svg>";
  return template.content.firstElementChild?.namespaceURI ?? null;
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

/**
 * @param {HTMLDataElement} element
 * @param {number} value
 * @param {number} [digits]
 */
export function setNum(element, value, digits = 3) {
  const text = fixed(value, digits);
  if (element.value !== String(value)) element.value = String(value);
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {number} value
 * @param {number} digits
 * @returns {string} without a negative zero; a dash for what is not known
 */
export function fixed(value, digits) {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

/**
 * @param {number} value
 * @param {number} digits
 * @returns {string} with its sign, also if that is a plus
 */
export function signed(value, digits) {
  const text = fixed(value, digits);
  return text.startsWith("-") || text === "–" ? text : `+${text}`;
}

/**
 * Runs asynchronous work one at a time; calls meanwhile make it run once more afterwards.
 * @param {() => Promise<void>} work
 * @returns {() => void}
 */
export function coalesced(work) {
  let running = false;
  let again = false;
  const go = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      running = false;
    }
  };
  return () => void go();
}
