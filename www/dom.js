// Finding and making elements: the one module by which page, explainer and benchmark touch the DOM. No markup is ever built from text
// that a person typed.

import { addressOf } from "./site.js";

/** @typedef {Node | string | null} Child what an element may hold; null is left out */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T} the document's element with this id; throws if there is none of this type
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

/**
 * @template {HTMLElement} T
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T} the document's first element that matches; throws if that is not of this type
 */
export function find(selector, type) {
  const found = document.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} that matches ${selector}`);
  return found;
}

/**
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement[]} all HTML elements that match
 */
export function findAll(selector, root = document) {
  return [...root.querySelectorAll(selector)].filter((found) => found instanceof HTMLElement);
}

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * Makes a button that submits nothing.
 * @param {string} label
 * @param {() => void} act called at each press
 * @param {string} [className]
 * @returns {HTMLButtonElement}
 */
export function button(label, act, className = "small") {
  const made = el("button", { type: "button", ...(className ? { class: className } : {}) }, label);
  made.onclick = act;
  return made;
}

/**
 * Makes a paragraph.
 * @param {...Child} children
 * @returns {HTMLParagraphElement}
 */
export function p(...children) {
  return el("p", {}, ...children);
}

/**
 * Makes a paragraph in small print.
 * @param {...Child} children
 * @returns {HTMLParagraphElement}
 */
export function hint(...children) {
  return el("p", { class: "hint" }, ...children);
}

/**
 * Makes the header cell of a table's row or column.
 * @param {string} text
 * @param {"row" | "col"} scope
 * @returns {HTMLTableCellElement}
 */
export function headerCell(text, scope) {
  return el("th", { scope }, text);
}

/**
 * Writes a text only where it differs, so that screen readers and the layout are left in peace.
 * @param {Element} target
 * @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Adds a style sheet to the document.
 * @param {string} path relative to index.html
 * @returns {Promise<void>} settles once its rules apply; rejects if it cannot be loaded
 */
export function addStyleSheet(path) {
  return new Promise((resolve, reject) => {
    const link = el("link", { rel: "stylesheet", href: addressOf(path) });
    link.addEventListener("load", () => resolve(), { once: true });
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error(`${path} could not be loaded`));
    }, { once: true });
    document.head.append(link);
  });
}
