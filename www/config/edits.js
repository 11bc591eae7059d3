// What a person can do to a configuration in the editor, as functions from one configuration to the next. Pure; whether the result can be
// trained is the core's to say.

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").LayerConfig} LayerConfig */
/** @typedef {"generator" | "discriminator"} Player */

/**
 * @param {import("./changes.js").Parts} parts
 * @param {string} type one of them
 * @param {object} [before] the part it takes the place of: numbers of the same name are kept
 * @returns {{type: string}} with all numbers of its type
 */
export function newPart(parts, type, before = {}) {
  const old = /** @type {Record<string, unknown>} */ (before);
  return { type, ...Object.fromEntries(parts[type].fields.map(({ name, initial }) => [name, Object.hasOwn(old, name) ? old[name] : initial])) };
}

/**
 * @param {string} path "generator.layers[3].units"
 * @returns {string[]}
 */
function keysOf(path) {
  return path.split(/[.[\]]+/).filter(Boolean);
}

/**
 * @param {GanConfig} config
 * @param {string} path
 * @returns {unknown}
 */
export function valueAt(config, path) {
  return keysOf(path).reduce((/** @type {unknown} */ value, key) => /** @type {Record<string, unknown>} */ (value)[key], config);
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
  const parent = /** @type {Record<string, unknown>} */ (keys.reduce((/** @type {unknown} */ part, key) => /** @type {Record<string, unknown>} */ (part)[key], copy));
  parent[last] = value;
  return copy;
}

/**
 * @param {GanConfig} config
 * @param {Player} player
 * @param {(layers: LayerConfig[]) => LayerConfig[]} change
 * @returns {GanConfig} a copy
 */
function withLayers(config, player, change) {
  return withValue(config, `${player}.layers`, change(structuredClone(config[player].layers)));
}

/**
 * @param {GanConfig} config
 * @param {Player} player
 * @param {number} at place of the new layer
 * @param {LayerConfig} layer
 * @returns {GanConfig}
 */
export function insertLayer(config, player, at, layer) {
  return withLayers(config, player, (layers) => layers.toSpliced(at, 0, layer));
}

/**
 * @param {GanConfig} config
 * @param {Player} player
 * @param {number} at
 * @returns {GanConfig}
 */
export function removeLayer(config, player, at) {
  return withLayers(config, player, (layers) => layers.toSpliced(at, 1));
}

/**
 * @param {GanConfig} config
 * @param {Player} player
 * @returns {boolean}
 */
export function hasBatchNorm(config, player) {
  return config[player].layers.some(({ type }) => type === "batchNorm");
}

/** @type {ReadonlySet<string>} layers between two hidden ones */
const HIDDEN_ACTIVATIONS = new Set(["leakyRelu", "relu"]);

/**
 * Takes all BatchNorm out, or puts one to each hidden activation: after it where a dense layer precedes it (as in the Keras example), before
 * it elsewhere (as in the DCGAN).
 * @param {GanConfig} config
 * @param {Player} player
 * @param {boolean} on
 * @param {LayerConfig} norm
 * @returns {GanConfig}
 */
export function withBatchNorm(config, player, on, norm) {
  return withLayers(config, player, (all) => {
    const layers = all.filter(({ type }) => type !== "batchNorm");
    if (!on) return layers;
    return layers.flatMap((layer, i) => {
      if (!HIDDEN_ACTIVATIONS.has(layer.type)) return [layer];
      return layers[i - 1]?.type === "linear" ? [layer, structuredClone(norm)] : [structuredClone(norm), layer];
    });
  });
}

/**
 * Where the core's words belong: they begin with the path of the field.
 * @param {string} error "generator.layers[3].units is 0, expected …"
 * @returns {{section: Player | "training", path: string}}
 */
export function placeOf(error) {
  const path = /^[\w.[\]]+/.exec(error)?.[0] ?? "";
  const section = path.startsWith("generator.") ? "generator" : path.startsWith("discriminator.") ? "discriminator" : "training";
  return { section, path };
}
