// Labelled controls for the parts of a configuration. Each has the path of what it changes as data-path, and an id made of it.

import { button, el } from "../../dom.js";

/** @typedef {import("../../config/forms.d.ts").Field} Field */
/** @typedef {import("../../../src/types.d.ts").Limits} Limits */

/**
 * @param {string} path
 * @returns {string} id of the control for it
 */
export function idOf(path) {
  return `edit-${path.replace(/[^\w]+/g, "-")}`;
}

/**
 * @param {string} label
 * @param {HTMLInputElement | HTMLSelectElement} control
 * @param {string} path
 * @returns {HTMLElement}
 */
function labelled(label, control, path) {
  control.id = idOf(path);
  control.dataset.path = path;
  const isTick = control instanceof HTMLInputElement && control.type === "checkbox";
  return el("div", { class: isTick ? "field tick" : "field" }, el("label", { for: control.id }, label), control);
}

/**
 * @template {string} Choice
 * @param {string} label
 * @param {string} path
 * @param {{readonly [choice in Choice]: string}} choices text by value
 * @param {string} value
 * @param {(value: Choice) => void} onChange
 * @returns {HTMLElement}
 */
export function selectField(label, path, choices, value, onChange) {
  const options = /** @type {[string, string][]} */ (Object.entries(choices));
  const select = el("select", {}, ...options.map(([key, text]) => new Option(text, key, false, key === value)));
  select.onchange = () => onChange(/** @type {Choice} */ (select.value));
  return labelled(label, select, path);
}

/**
 * @param {Field} field
 * @param {string} path
 * @param {unknown} value
 * @param {Limits} limits
 * @param {(input: HTMLInputElement) => void} onChange
 * @returns {HTMLElement}
 */
export function inputField(field, path, value, limits, onChange) {
  const input = el("input");
  if (typeof field.initial === "boolean") {
    input.type = "checkbox";
    input.checked = value === true;
  } else {
    input.type = "number";
    input.step = field.integer ? "1" : "any";
    input.inputMode = field.integer ? "numeric" : "decimal";
    input.autocomplete = "off";
    if (field.limit) [input.min, input.max] = limits[field.limit].map(String);
    input.value = value === null || value === undefined ? "" : String(value);
  }
  input.oninput = () => onChange(input);
  return labelled(field.label, input, path);
}

/**
 * @param {string} text
 * @param {string} name for those who cannot see what it stands beside; begins with the text
 * @param {string} id
 * @param {() => void} act
 * @param {string} [className]
 * @returns {HTMLButtonElement}
 */
export function namedButton(text, name, id, act, className = "small") {
  const made = button(text, act, className);
  made.id = id;
  if (name !== text) made.ariaLabel = name;
  return made;
}
