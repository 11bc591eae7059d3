// Settings of a run and their ranges: one check for the form, the permalink and the worker.

import { withChanges } from "./changes.js";
import { LAYERS } from "./parts.js";

/** @typedef {import("../protocol.d.ts").Settings} Settings */
/** @typedef {Exclude<import("./forms.d.ts").KeysOf<Settings, number | null>, "psi">} NumberName */
/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").Limits} Limits */
/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */

/** @typedef {Omit<Extract<import("../protocol.d.ts").WorkerEvent, {type: "described"}>, "type" | "id">} Description */

/** Seed of a run whose permalink names none. */
export const DEFAULT_SEED = 42;

/** Size of the latents that pictures are made of where nobody chose one: about half of the malformed ones are gone, and little of the variety. */
export const DEFAULT_PSI = 0.8;

/** The preset that stands for the mode's own, by the device. */
export const AUTO_PRESET = "auto";

/**
 * @param {Pick<import("../protocol.d.ts").Mode, "presets" | "presetOnGpu">} mode
 * @param {string} preset as it was asked for
 * @param {boolean} hasGpu whether a hardware GPU trains
 * @returns {string} the name that the core knows
 */
export function resolvedPreset({ presets, presetOnGpu }, preset, hasGpu) {
  if (preset !== AUTO_PRESET) return preset;
  return (hasGpu && presetOnGpu) || presets[0].name;
}

/**
 * Rules by which a number is read from text.
 * @typedef {object} NumberField
 * @property {string} label for people
 * @property {keyof Limits | null} limit null: the core has no range for it in `limits()`
 * @property {boolean} integer
 */

/**
 * Settings that are numbers; `parameter` is the name in the permalink.
 * @type {{[Name in NumberName]: NumberField & {parameter: string, limit: keyof Limits}}}
 */
export const NUMBER_FIELDS = {
  seed: { label: "Seed", parameter: "seed", limit: "seed", integer: true },
  batchSize: { label: "Batch size", parameter: "batch", limit: "batchSize", integer: true },
  learningRateG: { label: "Generator learning rate", parameter: "lrG", limit: "learningRate", integer: false },
  learningRateD: { label: "Discriminator learning rate", parameter: "lrD", limit: "learningRate", integer: false },
};

/** Names of those settings, in the order of the form. */
export const NUMBER_NAMES = /** @type {NumberName[]} */ (Object.keys(NUMBER_FIELDS));

/**
 * @param {string} text as typed
 * @param {NumberField} field
 * @param {Limits | null} limits null: not known yet, so only the form of the number is checked
 * @returns {{value: number} | {error: string}}
 */
export function parseNumber(text, field, limits) {
  const range = field.limit ? limits?.[field.limit] : undefined;
  const kind = field.integer ? "a whole number" : "a number";
  const wanted = `${field.label} must be ${kind}${range ? ` from ${range[0]} to ${range[1]}` : ""}`;
  const trimmed = text.trim();
  const value = trimmed === "" ? NaN : Number(trimmed);
  if (!Number.isFinite(value)) return { error: trimmed === "" ? `${wanted}.` : `${wanted}; “${trimmed}” is not a number.` };
  if (field.integer && !Number.isSafeInteger(value)) return { error: `${wanted}; ${trimmed} is not a whole number.` };
  if (range && value < range[0]) return { error: `${wanted}; ${trimmed} is too small.` };
  if (range && value > range[1]) return { error: `${wanted}; ${trimmed} is too large.` };
  return { value };
}

/**
 * The configuration that trains: one whose batch size and learning rates are those that a person set, where they set any.
 * @param {Pick<Settings, "batchSize" | "learningRateG" | "learningRateD">} settings
 * @param {GanConfig} config a preset, with what was changed about it
 * @returns {GanConfig} a copy
 */
export function configInUse(settings, config) {
  const { generator, discriminator } = config;
  return {
    ...config,
    batchSize: settings.batchSize ?? config.batchSize,
    generator: { ...generator, learningRate: settings.learningRateG ?? generator.learningRate },
    discriminator: { ...discriminator, learningRate: settings.learningRateD ?? discriminator.learningRate },
  };
}

/**
 * The preset with the changes that were asked for; if the core refuses these, the preset as it is, with a remark about it.
 * @param {Pick<GanModule, "describe">} core
 * @param {GanConfig} preset
 * @param {Settings} settings
 * @param {number} classCount classes of the mode's data
 * @returns {{config: GanConfig, allowed: Settings, notices: string[]}}
 */
export function changedPreset(core, preset, settings, classCount) {
  const config = withChanges(preset, settings.changes);
  const error = settings.changes ? described(core, config).error || wrongClasses(config, classCount) : "";
  if (!error) return { config, allowed: settings, notices: [] };
  const notice = `The networks or the training that were asked for cannot be used: ${error}. Those of ${settings.preset} are used.`;
  return { config: withChanges(preset, null), allowed: { ...settings, changes: null }, notices: [notice] };
}

/**
 * @param {GanConfig} config
 * @param {number} classCount
 * @returns {string} what is wrong with the number of its classes; empty: nothing
 */
function wrongClasses({ labels }, classCount) {
  return labels && labels.classes !== classCount ? `labels.classes is ${labels.classes}, expected ${classCount}, as these data have` : "";
}

/**
 * Asks the core what it says of a configuration.
 * @param {Pick<GanModule, "describe">} core
 * @param {GanConfig} config
 * @returns {Description}
 */
export function described(core, config) {
  try {
    return { networks: core.describe(config), error: "", field: null };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { networks: null, error: error.message, field: error.field ?? null };
  }
}

/**
 * @param {unknown} error
 * @returns {error is import("../../src/types.d.ts").CoreError} whether the core refuses a configuration
 */
function isRefusal(error) {
  return error instanceof Error && error.name === "invalidConfig";
}

/**
 * The core's ranges, narrowed to what these networks can do: statistics of a batch take two samples at least.
 * @param {Limits} limits
 * @param {GanConfig} config
 * @returns {Limits}
 */
export function limitsFor(limits, config) {
  const layers = [...config.generator.layers, ...config.discriminator.layers];
  const [least, most] = limits.batchSize;
  return { ...limits, batchSize: [Math.max(least, ...layers.map(({ type }) => LAYERS[type].leastBatch ?? 1)), most] };
}

/**
 * The settings that were asked for, as far as the core allows them; the others fall back to the preset's values, with a remark each.
 * @param {Settings} settings
 * @param {Limits} limits
 * @param {boolean} batchSizeFixed
 * @returns {{allowed: Settings, notices: string[]}}
 */
export function allowedSettings(settings, limits, batchSizeFixed) {
  const allowed = { ...settings };
  const notices = [];
  for (const name of NUMBER_NAMES) {
    const field = NUMBER_FIELDS[name];
    const value = settings[name];
    if (value === null) continue;
    const parsed = parseNumber(String(value), field, limits);
    if ("value" in parsed) continue;
    if (name === "seed") allowed.seed = DEFAULT_SEED;
    else allowed[name] = null;
    notices.push(`${parsed.error} ${name === "seed" ? `Seed ${DEFAULT_SEED}` : "The preset's own value"} is used.`);
  }
  if (batchSizeFixed && allowed.batchSize !== null) {
    allowed.batchSize = null;
    notices.push("The batch size of this mode is fixed; the preset's own value is used.");
  }
  return { allowed, notices };
}
