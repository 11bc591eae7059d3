// What a configuration is made of, as data: the parts a person can choose and the numbers each of them has; what is different from a
// preset, and how a link says it. Ranges are the core's (`limits()` and `describe()`); here only the form is checked. Pure.

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../protocol.d.ts").ConfigChanges} ConfigChanges */

/**
 * One number (or yes and no) of a part.
 * @typedef {object} Field
 * @property {string} name its key
 * @property {string} label for people
 * @property {number | boolean | null} initial value it begins with; a boolean makes it a checkbox
 * @property {keyof import("../../src/types.d.ts").Limits | null} limit where the core has a range for it
 * @property {boolean} integer
 * @property {boolean} [optional] empty is allowed, and is null
 */

/**
 * A part to choose from a list: layers, optimizers, losses.
 * @typedef {Record<string, {label: string, fields: Field[]}>} Parts
 */

/**
 * @param {string} name
 * @param {string} label
 * @param {number} initial
 * @param {Field["limit"]} [limit]
 * @returns {Field}
 */
const real = (name, label, initial, limit = null) => ({ name, label, initial, limit, integer: false });
/**
 * @param {string} name
 * @param {string} label
 * @param {number} initial
 * @param {Field["limit"]} limit
 * @returns {Field}
 */
const whole = (name, label, initial, limit) => ({ name, label, initial, limit, integer: true });

const CONVOLUTION = [
  whole("channels", "Channels", 32, "units"), whole("kernel", "Kernel", 4, "kernel"), whole("stride", "Stride", 2, "stride"),
  whole("padding", "Padding", 1, "padding"), /** @type {Field} */ ({ name: "bias", label: "Bias", initial: true, limit: null, integer: false }),
];

/** @type {Parts} */
export const LAYERS = {
  linear: { label: "Linear", fields: [whole("units", "Units", 128, "units")] },
  conv2d: { label: "Conv2d", fields: CONVOLUTION },
  convTranspose2d: { label: "ConvTranspose2d", fields: CONVOLUTION },
  reshape: { label: "Reshape", fields: [whole("channels", "Channels", 32, "units"), whole("height", "Height", 7, "side"), whole("width", "Width", 7, "side")] },
  flatten: { label: "Flatten", fields: [] },
  batchNorm: { label: "BatchNorm", fields: [real("momentum", "Momentum", 0.8), real("eps", "Epsilon", 1e-3)] },
  dropout: { label: "Dropout", fields: [real("rate", "Rate", 0.3)] },
  leakyRelu: { label: "LeakyReLU", fields: [real("slope", "Slope", 0.2)] },
  relu: { label: "ReLU", fields: [] },
  tanh: { label: "tanh", fields: [] },
  sigmoid: { label: "sigmoid", fields: [] },
};

/** @type {Parts} */
export const OPTIMIZERS = {
  adam: { label: "Adam", fields: [real("beta1", "β1", 0.5), real("beta2", "β2", 0.999), real("eps", "Epsilon", 1e-7)] },
  rmsProp: { label: "RMSProp", fields: [real("alpha", "α", 0.99), real("eps", "Epsilon", 1e-8)] },
  sgd: { label: "SGD", fields: [real("momentum", "Momentum", 0)] },
};

const SMOOTHING = real("labelSmoothing", "Label smoothing", 0, "labelSmoothing");
/** @type {Parts} */
export const LOSSES = {
  bce: { label: "Cross-entropy", fields: [SMOOTHING] },
  bceSaturating: { label: "Cross-entropy, minimax (saturating)", fields: [SMOOTHING] },
  leastSquares: { label: "Least squares", fields: [SMOOTHING] },
  hinge: { label: "Hinge", fields: [] },
  wasserstein: { label: "Wasserstein, weights clipped", fields: [real("clip", "Weights within ±", 0.01, "weightClip")] },
  wassersteinGp: { label: "Wasserstein, gradient penalty", fields: [real("penalty", "Penalty", 10, "penalty")] },
};

/**
 * Orders of updates that can be chosen for pictures, with their names.
 * @type {Record<string, string>}
 */
export const ORDERS = {
  joint: "D on both halves at once, then G",
  kerasTwoUpdates: "D on real, D on generated, then G (Keras)",
  sumSameZ: "D on both halves, G on the same fakes (PyTorch’s tutorial)",
};
/** @type {Record<string, string>} */
export const INITS = {
  glorotUniform: "Glorot uniform (Keras)",
  dcganNormal: "Normal, deviation 0.02 (DCGAN)",
  fanInUniform: "Uniform by fan-in (PyTorch)",
  standardNormal: "Standard normal",
};
/** @type {Record<string, string>} */
export const LATENTS = { normal: "Standard normal", uniform: "Uniform from 0 to 1" };

/**
 * Numbers of the configuration itself, by path.
 * @type {Record<string, Field>}
 */
export const NUMBERS = {
  "latent.dim": whole("dim", "Latent numbers (z)", 64, "units"),
  "discriminatorUpdates": whole("discriminatorUpdates", "D updates in a step", 1, "updates"),
  "generatorUpdates": whole("generatorUpdates", "G updates in a step", 1, "updates"),
  "emaDecay": { ...real("emaDecay", "Average’s decay, if any", 0.995, "emaDecay"), optional: true },
};
/**
 * Of each player.
 * @type {Field}
 */
export const CLIP_NORM = { ...real("gradientClipNorm", "Gradient clip, if any", 1, "gradientClipNorm"), optional: true };

/** @typedef {(value: unknown, path: string) => string} Check says what is wrong with a value; empty: nothing */

/** Longest list of layers that is looked at; the core allows fewer. */
const MAX_LAYERS = 100;

/** @type {Check} */
const isNumber = (value, path) => (typeof value === "number" && Number.isFinite(value) ? "" : `${path} must be a number`);
/** @type {Check} */
const isNumberOrNull = (value, path) => (value === null ? "" : isNumber(value, path));

/**
 * @param {Record<string, unknown>} choices
 * @returns {Check}
 */
const isOneOf = (choices) => (value, path) =>
  typeof value === "string" && Object.hasOwn(choices, value) ? "" : `${path} must be one of ${Object.keys(choices).join(", ")}`;

/**
 * @param {Record<string, Check>} shape
 * @param {boolean} complete no key may be missing
 * @returns {Check}
 */
const isObject = (shape, complete) => (value, path) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `${path} must be an object`;
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(shape, key));
  if (unknown !== undefined) return `${path} has “${unknown}”, which is not known there`;
  const wanted = Object.keys(shape).filter((key) => complete || Object.hasOwn(value, key));
  return firstProblem(wanted.map((key) => shape[key](/** @type {Record<string, unknown>} */ (value)[key], path ? `${path}.${key}` : key)));
};

/**
 * @param {Parts} parts
 * @returns {Check}
 */
const isPart = (parts) => (value, path) => {
  const type = /** @type {{type?: unknown} | null} */ (value)?.type;
  const problem = isOneOf(parts)(type, `${path}.type`);
  if (problem) return problem;
  const fields = parts[String(type)].fields.map(({ name, initial }) => [name, typeof initial === "boolean" ? isBoolean : isNumber]);
  return isObject({ type: () => "", ...Object.fromEntries(fields) }, true)(value, path);
};

/** @type {Check} */
const isBoolean = (value, path) => (typeof value === "boolean" ? "" : `${path} must be true or false`);

/** @type {Check} */
const isLayers = (value, path) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_LAYERS) return `${path} must be a list of 1 to ${MAX_LAYERS} layers`;
  return firstProblem(value.map((layer, i) => isPart(LAYERS)(layer, `${path}[${i}]`)));
};

const PLAYER = { layers: isLayers, optimizer: isPart(OPTIMIZERS), gradientClipNorm: isNumberOrNull };
/**
 * Everything that can be different from the preset, in the order of a link.
 * @type {Record<string, Check>}
 */
const CHANGES = {
  latent: isObject({ kind: isOneOf(LATENTS), dim: isNumber }, true),
  init: isOneOf(INITS),
  loss: isPart(LOSSES),
  order: isOneOf(ORDERS),
  discriminatorLossScale: isNumber,
  discriminatorUpdates: isNumber,
  generatorUpdates: isNumber,
  emaDecay: isNumberOrNull,
  generator: isObject(PLAYER, false),
  discriminator: isObject(PLAYER, false),
};

/**
 * @param {readonly string[]} problems
 * @returns {string}
 */
function firstProblem(problems) {
  return problems.find((problem) => problem !== "") ?? "";
}

/**
 * @param {unknown} value
 * @returns {string} what is wrong with the form of the changes; empty: nothing
 */
export function checkChanges(value) {
  return isObject(CHANGES, false)(value, "");
}

/**
 * @param {GanConfig} preset
 * @param {GanConfig} config
 * @returns {ConfigChanges | null} null: no difference
 */
export function changesBetween(preset, config) {
  /**
   * @param {object} before
   * @param {object} after
   * @param {readonly string[]} keys
   * @returns {Record<string, unknown>}
   */
  const different = (before, after, keys) => {
    const [old, now] = /** @type {Record<string, unknown>[]} */ ([before, after]);
    return Object.fromEntries(keys.filter((key) => !sameValue(old[key], now[key])).map((key) => [key, now[key]]));
  };
  const changes = different(preset, config, Object.keys(CHANGES).filter((key) => key !== "generator" && key !== "discriminator"));
  for (const player of /** @type {const} */ (["generator", "discriminator"])) {
    const own = different(preset[player], config[player], Object.keys(PLAYER));
    if (Object.keys(own).length > 0) changes[player] = own;
  }
  return Object.keys(changes).length > 0 ? structuredClone(/** @type {ConfigChanges} */ (changes)) : null;
}

/**
 * @param {GanConfig} preset
 * @param {ConfigChanges | null} changes
 * @returns {GanConfig} a copy
 */
export function withChanges(preset, changes) {
  const { generator, discriminator, ...rest } = changes ?? {};
  return structuredClone({
    ...preset,
    ...rest,
    generator: { ...preset.generator, ...generator },
    discriminator: { ...preset.discriminator, ...discriminator },
  });
}

/**
 * @param {ConfigChanges} changes
 * @returns {string} for a link: JSON as base64url
 */
export function encodeChanges(changes) {
  return btoa(JSON.stringify(changes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * @param {string} text
 * @returns {{changes: ConfigChanges} | {error: string}}
 */
export function decodeChanges(text) {
  let json;
  try {
    json = JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return { error: "it is cut short or altered" };
  }
  const error = checkChanges(json);
  return error ? { error } : { changes: json };
}

/**
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean} whether two pieces of JSON say the same, whatever the order of their keys
 */
export function sameValue(a, b) {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = /** @type {Record<string, unknown>[]} */ ([a, b]);
  const keys = Object.keys(left);
  return Array.isArray(a) === Array.isArray(b) && keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && sameValue(left[key], right[key]));
}
