// Changes to a preset: finds them, applies them, checks their form, and writes them into a link. Whether the result can be trained is the
// core's to say. Pure.

import { DISCRIMINATOR_LABELS, GENERATOR_LABELS, INITS, LATENTS, LAYERS, LOSSES, OPTIMIZERS, SCHEDULES, UPDATE_ORDERS, ROLES } from "./parts.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../protocol.d.ts").ConfigChanges} ConfigChanges */
/** @typedef {import("../protocol.d.ts").PlayerChanges} PlayerChanges */

/** @typedef {(value: unknown, path: string) => string} Check says what is wrong with a value; empty: nothing */

/** Longest list of layers that is looked at; the core allows fewer. */
const MAX_LAYERS = 100;

/** @type {Check} */
const isNumber = (value, path) => (typeof value === "number" && Number.isFinite(value) ? "" : `${path} must be a number`);
/**
 * @param {Check} check
 * @returns {Check} that allows null too
 */
const orNull = (check) => (value, path) => (value === null ? "" : check(value, path));
const isNumberOrNull = orNull(isNumber);

/**
 * @param {object} choices whose keys they are
 * @returns {Check}
 */
const isOneOf = (choices) => (value, path) =>
  typeof value === "string" && Object.hasOwn(choices, value) ? "" : `${path} must be one of ${Object.keys(choices).join(", ")}`;

/**
 * @param {{readonly [key: string]: Check}} shape
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
 * @param {import("./forms.d.ts").AnyForms} forms
 * @returns {Check}
 */
const isPart = (forms) => (value, path) => {
  const type = /** @type {{type?: unknown} | null} */ (value)?.type;
  const problem = isOneOf(forms)(type, `${path}.type`);
  if (problem) return problem;
  const fields = Object.entries(forms[String(type)].fields).map(([name, { initial }]) => [name, typeof initial === "boolean" ? isBoolean : isNumber]);
  return isObject({ type: () => "", ...Object.fromEntries(fields) }, true)(value, path);
};

/** @type {Check} */
const isBoolean = (value, path) => (typeof value === "boolean" ? "" : `${path} must be true or false`);

/** @type {Check} */
const isLayers = (value, path) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_LAYERS) return `${path} must be a list of 1 to ${MAX_LAYERS} layers`;
  return firstProblem(value.map((layer, i) => isPart(LAYERS)(layer, `${path}[${i}]`)));
};

/** @type {import("./forms.d.ts").ForEach<PlayerChanges, Check>} */
const PLAYER = { layers: isLayers, optimizer: isPart(OPTIMIZERS), gradientClipNorm: isNumberOrNull };
/**
 * Everything that can be different from the preset, in the order of a link.
 * @type {import("./forms.d.ts").ForEach<ConfigChanges, Check>}
 */
const CHANGES = {
  latent: isObject({ kind: isOneOf(LATENTS), dim: isNumber }, true),
  labels: orNull(isObject({ classes: isNumber, generator: isOneOf(GENERATOR_LABELS), discriminator: isPart(DISCRIMINATOR_LABELS) }, true)),
  init: isOneOf(INITS),
  loss: isPart(LOSSES),
  gradientPenalties: isObject(
    { r1: isNumberOrNull, r2: isNumberOrNull, approximatedR1: orNull(isObject({ weight: isNumber, deviation: isNumber }, true)) },
    true,
  ),
  schedule: isPart(SCHEDULES),
  order: isOneOf(UPDATE_ORDERS),
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
  /** @type {{[key: string]: unknown}} */
  const changes = different(preset, config, Object.keys(CHANGES).filter((key) => !ROLES.some((role) => role === key)));
  for (const role of ROLES) {
    const own = different(preset[role], config[role], Object.keys(PLAYER));
    if (Object.keys(own).length > 0) changes[role] = own;
  }
  return Object.keys(changes).length > 0 ? structuredClone(/** @type {ConfigChanges} */ (changes)) : null;
}

/**
 * @param {object} before
 * @param {object} after
 * @param {readonly string[]} keys that are looked at
 * @returns {{[key: string]: unknown}} those of `after` whose values are not the same in both
 */
function different(before, after, keys) {
  const [old, now] = [before, after].map((side) => new Map(Object.entries(side)));
  return Object.fromEntries(keys.filter((key) => !sameValue(old.get(key), now.get(key))).map((key) => [key, now.get(key)]));
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
  const [left, right] = [a, b].map((side) => new Map(Object.entries(side)));
  if (Array.isArray(a) !== Array.isArray(b) || left.size !== right.size) return false;
  return [...left].every(([key, value]) => right.has(key) && sameValue(value, right.get(key)));
}
