// Short ways to make elements. No markup is ever built from text that a person typed.

/** @typedef {Node | string | null} Child null: nothing */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * @param {string} label
 * @param {() => void} act called by a press
 * @param {string} [className]
 * @returns {HTMLButtonElement}
 */
export function button(label, act, className = "small") {
  const element = el("button", { type: "button", class: className }, label);
  element.onclick = act;
  return element;
}

/**
 * @param {...Child} children
 * @returns {HTMLParagraphElement}
 */
export function p(...children) {
  return el("p", {}, ...children);
}

/**
 * @param {...Child} children
 * @returns {HTMLParagraphElement} in small print
 */
export function hint(...children) {
  return el("p", { class: "hint" }, ...children);
}

/**
 * Writes a text only if it is another: a text that is written again loses a person's selection and is read aloud once more.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
