// Elements of drawings.

/** @typedef {import("../dom.js").Child} Child */

/**
 * The namespace of SVG, asked of the browser when it is first needed.
 * @type {string | null}
 */
let namespace = null;

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
