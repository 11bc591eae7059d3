// Settings of a run and their ranges: one check for the form, the permalink and the worker.

import { withChanges } from "./changes.js";

/** @typedef {import("../protocol.d.ts").Settings} Settings */
/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").Limits} Limits */

/** Seed of a run whose permalink names none. */
export const DEFAULT_SEED = 42;

/**
 * @typedef {object} NumberField
 * @property {string} label as a person reads it
 * @property {keyof Limits | null} limit null: the core has no range for it in `limits()`
 * @property {boolean} integer
 */

/** @type {Record<"seed" | "batchSize" | "learningRateG" | "learningRateD", NumberField & {parameter: string, limit: keyof Limits}>} parameter: its name in the permalink */
export const NUMBER_FIELDS = {
  seed: { label: "Seed", parameter: "seed", limit: "seed", integer: true },
  batchSize: { label: "Batch size", parameter: "batch", limit: "batchSize", integer: true },
  learningRateG: { label: "Generator learning rate", parameter: "lrG", limit: "learningRate", integer: false },
  learningRateD: { label: "Discriminator learning rate", parameter: "lrD", limit: "learningRate", integer: false },
};

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
 * The preset with the changes that were asked for; if the core refuses these, the preset as it is, with a remark.
 * @param {Pick<import("../../src/types.d.ts").GanModule, "describe">} core
 * @param {GanConfig} preset
 * @param {Settings} settings
 * @returns {{config: GanConfig, allowed: Settings, notices: string[]}}
 */
export function changedPreset(core, preset, settings) {
  const config = withChanges(preset, settings.changes);
  const error = settings.changes ? described(core, config).error : "";
  if (!error) return { config, allowed: settings, notices: [] };
  const notice = `The networks or the training that were asked for cannot be used: ${error}. Those of ${settings.preset} are used.`;
  return { config: withChanges(preset, null), allowed: { ...settings, changes: null }, notices: [notice] };
}

/**
 * What the core says of a configuration.
 * @param {Pick<import("../../src/types.d.ts").GanModule, "describe">} core
 * @param {GanConfig} config
 * @returns {{networks: ReturnType<import("../../src/types.d.ts").GanModule["describe"]> | null, error: string}} error: empty, or the core's words
 */
export function described(core, config) {
  try {
    return { networks: core.describe(config), error: "" };
  } catch (error) {
    if (error instanceof Error && error.name === "invalidConfig") return { networks: null, error: error.message };
    throw error;
  }
}

/**
 * The core's ranges, narrowed to what these networks can do: statistics of a batch take two samples at least.
 * @param {Limits} limits
 * @param {GanConfig} config
 * @returns {Limits}
 */
export function limitsFor(limits, config) {
  const layers = [...config.generator.layers, ...config.discriminator.layers];
  const least = layers.some((layer) => layer.type === "batchNorm") ? 2 : 1;
  return { ...limits, batchSize: [Math.max(limits.batchSize[0], least), limits.batchSize[1]] };
}

/**
 * What of the asked settings the core allows; the rest falls back to the preset's values, with a remark each.
 * @param {Settings} settings
 * @param {Limits} limits
 * @param {boolean} batchSizeFixed
 * @returns {{allowed: Settings, notices: string[]}}
 */
export function allowedSettings(settings, limits, batchSizeFixed) {
  const allowed = { ...settings };
  const notices = [];
  for (const name of /** @type {(keyof typeof NUMBER_FIELDS)[]} */ (Object.keys(NUMBER_FIELDS))) {
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
