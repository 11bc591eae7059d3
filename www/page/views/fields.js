// Labelled controls for the parts of a configuration. Each has the path of what it changes as data-path, and an id made of it.

/** @typedef {import("../../config/changes.js").Field} Field */
/** @typedef {import("../../config/changes.js").Parts} Parts */
/** @typedef {import("../../../src/types.d.ts").Limits} Limits */

/**
 * @param {string} path
 * @returns {string} id of the control for it
 */
export function idOf(path) {
  return `edit-${path.replace(/[^\w]+/g, "-")}`;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, className, ...children) {
  const part = document.createElement(tag);
  if (className) part.className = className;
  part.append(...children);
  return part;
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
  const words = make("label", "", label);
  words.htmlFor = control.id;
  return make("div", control instanceof HTMLInputElement && control.type === "checkbox" ? "field tick" : "field", words, control);
}

/**
 * @param {string} label
 * @param {string} path
 * @param {Record<string, string>} choices text by value
 * @param {string} value
 * @param {(value: string) => void} onChange
 * @returns {HTMLElement}
 */
export function selectField(label, path, choices, value, onChange) {
  const select = make("select", "", ...Object.entries(choices).map(([key, text]) => new Option(text, key, false, key === value)));
  select.onchange = () => onChange(select.value);
  return labelled(label, select, path);
}

/**
 * @param {Field} field
 * @param {string} path
 * @param {unknown} value
 * @param {Limits | null} limits
 * @param {(input: HTMLInputElement) => void} onChange
 * @returns {HTMLElement}
 */
export function inputField(field, path, value, limits, onChange) {
  const input = make("input", "");
  if (typeof field.initial === "boolean") {
    input.type = "checkbox";
    input.checked = value === true;
  } else {
    input.type = "number";
    input.step = field.integer ? "1" : "any";
    input.inputMode = field.integer ? "numeric" : "decimal";
    input.autocomplete = "off";
    const range = field.limit ? limits?.[field.limit] : undefined;
    if (range) [input.min, input.max] = range.map(String);
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
 * @returns {HTMLButtonElement}
 */
export function smallButton(text, name, id, act) {
  const button = make("button", "small", text);
  button.type = "button";
  button.id = id;
  if (name !== text) button.ariaLabel = name;
  button.onclick = act;
  return button;
}

/**
 * @param {Parts} parts
 * @returns {Record<string, string>} their names by type
 */
export function namesOf(parts) {
  return Object.fromEntries(Object.entries(parts).map(([type, { label }]) => [type, label]));
}
