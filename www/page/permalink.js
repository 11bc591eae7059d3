// The part of the address after "#": everything that decides a run, so that a link reproduces it.

import { parseClasses } from "../config/classes.js";
import { decodeChanges, encodeChanges, sameValue } from "../config/changes.js";
import { AUTO_PRESET, DEFAULT_PSI, DEFAULT_SEED, NUMBER_FIELDS, NUMBER_NAMES, parseNumber, resolvedPreset } from "../config/settings.js";

/** @typedef {import("../protocol.d.ts").Mode} Mode */
/** @typedef {import("../protocol.d.ts").Settings} Settings */

/**
 * @typedef {object} Permalink
 * @property {Mode} mode
 * @property {Settings} settings
 * @property {boolean} train start at once
 * @property {number | null} chapter of the explainer, from 1 on; null: none was asked for
 * @property {string[]} problems what could not be understood, and what is used instead
 */

const BACKENDS = /** @type {const} */ (["auto", "webgpu", "cpu"]);
const KNOWN = ["mode", "preset", "seed", "backend", "batch", "lrG", "lrD", "classes", "average", "psi", "config", "chapter", "train"];
/**
 * Size of the latents in a link.
 * @type {import("../config/settings.js").NumberField}
 */
const PSI_FIELD = { label: "The latents’ size psi", limit: null, integer: false };
const CHAPTERS = /** @type {const} */ (["1", "2", "3", "4", "5"]);

/**
 * @param {Mode} mode
 * @returns {Settings} settings of a run about which a link says nothing
 */
export function defaultSettings(mode) {
  return {
    preset: mode.presetOnGpu ? AUTO_PRESET : mode.presets[0].name, seed: DEFAULT_SEED, backend: "auto",
    batchSize: null, learningRateG: null, learningRateD: null,
    classes: null, averaged: true, psi: DEFAULT_PSI, changes: null,
  };
}

/**
 * @param {string} hash `location.hash`, with or without "#"
 * @param {readonly Mode[]} modes
 * @param {string} defaultMode id of the mode that is taken where the link names none
 * @returns {Permalink}
 */
export function parseHash(hash, modes, defaultMode) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {string[]} */
  const problems = [];
  /**
   * @template {string} T
   * @param {string} key
   * @param {readonly T[]} choices
   * @param {T} fallback
   * @returns {T}
   */
  const oneOf = (key, choices, fallback) => {
    const text = parameters.get(key);
    if (text === null) return fallback;
    const choice = choices.find((known) => known === text);
    if (choice === undefined) problems.push(`The link asks for ${key}=${text}, but ${key} can be ${choices.join(", ")}; ${fallback} is used.`);
    return choice ?? fallback;
  };
  for (const key of new Set(parameters.keys())) {
    if (!KNOWN.includes(key)) problems.push(`The link has “${key}”, which this page does not know; it is ignored.`);
  }

  const ids = modes.map((row) => row.id);
  const modeId = oneOf("mode", ids, defaultMode);
  const mode = /** @type {Mode} */ (modes.find((row) => row.id === modeId));
  const settings = defaultSettings(mode);
  const renamed = mode.renamedPresets[parameters.get("preset") ?? ""];
  if (renamed) settings.preset = renamed;
  else if (parameters.has("preset")) settings.preset = oneOf("preset", mode.presets.map((preset) => preset.name), mode.presets[0].name);
  settings.backend = oneOf("backend", BACKENDS, "auto");
  for (const name of NUMBER_NAMES) {
    const text = parameters.get(NUMBER_FIELDS[name].parameter);
    if (text === null) continue;
    const parsed = parseNumber(text, NUMBER_FIELDS[name], null); // Its range is the core's to check, once that is loaded.
    if ("value" in parsed) settings[name] = parsed.value;
    else problems.push(`The link: ${parsed.error} The default is used.`);
  }
  const classes = parameters.get("classes");
  if (classes !== null) {
    const parsed = parseClasses(classes, mode.classCount);
    if ("classes" in parsed) settings.classes = parsed.classes;
    else problems.push(`The link asks for classes=${classes}, but ${parsed.error}. All of ${mode.source.name} is used.`);
  }
  const config = parameters.get("config");
  if (config !== null) {
    const decoded = mode.family === "images" ? decodeChanges(config) : { error: `${mode.label} can only be as it is` };
    if ("changes" in decoded) settings.changes = decoded.changes;
    else problems.push(`The link brings networks or training of its own (config=…), but ${decoded.error}. Those of ${resolvedPreset(mode, settings.preset, false)} are used.`);
  }
  const psi = parameters.get("psi");
  if (psi !== null) {
    const parsed = parseNumber(psi, PSI_FIELD, null);
    if ("value" in parsed && parsed.value >= 0 && parsed.value <= 1) settings.psi = parsed.value;
    else problems.push(`The link asks for psi=${psi}, but psi must be a number from 0 to 1; ${DEFAULT_PSI} is used.`);
  }
  settings.averaged = oneOf("average", ["1", "0"], "1") === "1";
  const train = oneOf("train", ["1", "0"], "0") === "1";
  const chapter = parameters.has("chapter") ? Number(oneOf("chapter", CHAPTERS, "1")) : null;
  return { mode, settings, train, chapter, problems };
}

/**
 * @param {Mode} mode
 * @param {Settings} settings
 * @param {number | null} [chapter] chapter of the explainer that the link opens; null: it names none
 * @returns {string} "#mode=mnist&seed=42…"; what is at its default is left out, but for mode and seed
 */
export function formatHash(mode, settings, chapter = null) {
  const usual = defaultSettings(mode);
  const parameters = new URLSearchParams({ mode: mode.id, seed: String(settings.seed) });
  if (settings.preset !== usual.preset) parameters.set("preset", settings.preset);
  if (settings.backend !== usual.backend) parameters.set("backend", settings.backend);
  for (const name of NUMBER_NAMES) {
    const value = settings[name];
    if (name !== "seed" && value !== null) parameters.set(NUMBER_FIELDS[name].parameter, String(value));
  }
  if (settings.classes) parameters.set("classes", settings.classes.join(","));
  if (!settings.averaged) parameters.set("average", "0");
  if (settings.psi !== usual.psi) parameters.set("psi", String(settings.psi));
  if (settings.changes) parameters.set("config", encodeChanges(settings.changes));
  if (chapter !== null) parameters.set("chapter", String(chapter));
  return `#${parameters}`.replaceAll("%2C", ","); // A comma means itself there, and people read it.
}

/**
 * @param {Settings} a
 * @param {Settings} b
 * @returns {boolean} whether both describe the same run
 */
export function sameSettings(a, b) {
  return /** @type {(keyof Settings)[]} */ (Object.keys(a)).every((key) => sameValue(a[key], b[key]));
}
