// Edits that a person can make to a configuration, as functions from one configuration to the next. Pure; whether the result can be trained
// is the core's to say.

import { LAYERS, ROLES } from "./parts.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").LayerConfig} LayerConfig */
/** @typedef {import("../../src/types.d.ts").Role} Role */

/**
 * @template {string} Type
 * @param {import("./forms.d.ts").AnyForms<Type>} forms
 * @param {Type} type one of them
 * @param {object} [before] the part it takes the place of: values of the same name are kept
 * @returns {{type: Type}} with all fields of its type
 */
export function newPart(forms, type, before = {}) {
  const old = new Map(Object.entries(before));
  const fields = Object.entries(forms[type].fields).map(([name, { initial }]) => [name, old.has(name) ? old.get(name) : initial]);
  return { type, ...Object.fromEntries(fields) };
}

/**
 * @param {string} path "generator.layers[3].units"
 * @returns {string[]}
 */
function keysOf(path) {
  return path.split(/[.[\]]+/).filter(Boolean);
}

/**
 * @param {unknown} value
 * @param {string} key
 * @returns {unknown}
 */
function valueUnder(value, key) {
  return /** @type {{[key: string]: unknown}} */ (value)[key];
}

/**
 * @param {GanConfig} config
 * @param {string} path
 * @returns {unknown}
 */
export function valueAt(config, path) {
  return keysOf(path).reduce(valueUnder, /** @type {unknown} */ (config));
}

/**
 * @param {GanConfig} config
 * @param {string} path
 * @param {unknown} value
 * @returns {GanConfig} a copy with this value there
 */
export function withValue(config, path, value) {
  const copy = structuredClone(config);
  const keys = keysOf(path);
  const last = /** @type {string} */ (keys.pop());
  const parent = /** @type {{[key: string]: unknown}} */ (keys.reduce(valueUnder, /** @type {unknown} */ (copy)));
  parent[last] = value;
  return copy;
}

/**
 * @param {GanConfig} config
 * @param {Role} role
 * @param {(layers: LayerConfig[]) => LayerConfig[]} change
 * @returns {GanConfig} a copy
 */
function withLayers(config, role, change) {
  return withValue(config, `${role}.layers`, change(structuredClone(config[role].layers)));
}

/**
 * @param {GanConfig} config
 * @param {Role} role
 * @param {number} at place of the new layer
 * @param {LayerConfig} layer
 * @returns {GanConfig}
 */
export function insertLayer(config, role, at, layer) {
  return withLayers(config, role, (layers) => layers.toSpliced(at, 0, layer));
}

/**
 * @param {GanConfig} config
 * @param {Role} role
 * @param {number} at
 * @returns {GanConfig}
 */
export function removeLayer(config, role, at) {
  return withLayers(config, role, (layers) => layers.toSpliced(at, 1));
}

/**
 * @param {GanConfig} config
 * @param {Role} role
 * @returns {boolean}
 */
export function hasBatchNorm(config, role) {
  return config[role].layers.some(({ type }) => type === "batchNorm");
}

/**
 * Takes every BatchNorm out, or adds one beside each hidden activation: after it where a dense layer precedes it (as in the Keras example),
 * before it elsewhere (as in the DCGAN).
 * @param {GanConfig} config
 * @param {Role} role
 * @param {boolean} on
 * @param {LayerConfig} norm
 * @returns {GanConfig}
 */
export function withBatchNorm(config, role, on, norm) {
  return withLayers(config, role, (all) => {
    const layers = all.filter(({ type }) => type !== "batchNorm");
    if (!on) return layers;
    return layers.flatMap((layer, i) => {
      if (!LAYERS[layer.type].isHiddenActivation) return [layer];
      return layers[i - 1]?.type === "linear" ? [layer, structuredClone(norm)] : [structuredClone(norm), layer];
    });
  });
}

/**
 * @param {string} path of a field, "generator.layers[3].units"
 * @returns {Role | "training"} the section of the form that it stands in
 */
export function sectionOf(path) {
  return ROLES.find((role) => path.startsWith(`${role}.`)) ?? "training";
}
