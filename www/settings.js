// Settings of a run and their ranges: one check for the form, the permalink and the worker.

/** @typedef {import("./protocol.d.ts").Settings} Settings */
/** @typedef {import("../src/types.d.ts").Limits} Limits */

/** Seed of a run whose permalink names none. */
export const DEFAULT_SEED = 42;

/**
 * @typedef {object} NumberField
 * @property {string} label as a person reads it
 * @property {string} parameter name in the permalink
 * @property {keyof Limits} limit
 * @property {boolean} integer
 */

/** @type {Record<"seed" | "batchSize" | "learningRateG" | "learningRateD", NumberField>} */
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
  const range = limits?.[field.limit];
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
 * The core's ranges, narrowed to what these networks can do: statistics of a batch take two samples at least.
 * @param {Limits} limits
 * @param {import("../src/types.d.ts").GanConfig} config
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
