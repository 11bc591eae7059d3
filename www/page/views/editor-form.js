// The form of the editor, made from config/parts.js: a section for the training, and one for each player. It reports every edit to its owner.

import { hasBatchNorm, insertLayer, newPart, removeLayer, valueAt, withBatchNorm, withValue } from "../../config/edits.js";
import { CLIP_NORM, INITS, LATENTS, LAYERS, LOSSES, NUMBERS, OPTIMIZERS, UPDATE_ORDERS, ROLES } from "../../config/parts.js";
import { parseNumber } from "../../config/settings.js";
import { el } from "../../dom.js";
import { idOf, inputField, namedButton, selectField } from "./fields.js";

/** @typedef {import("../../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../../src/types.d.ts").LayerConfig} LayerConfig */
/** @typedef {import("../../config/forms.d.ts").AnyForms} AnyForms */
/** @typedef {import("../../config/forms.d.ts").Field} Field */
/** @typedef {import("../../../src/types.d.ts").Role} Role */
/** @typedef {Role | "training"} Section */

/**
 * The configuration that the form edits, and whom it tells.
 * @typedef {object} Draft
 * @property {GanConfig} config as it is now
 * @property {GanConfig} preset that it began with
 * @property {import("../../../src/types.d.ts").Limits} limits
 * @property {(path: string, value: unknown) => void} setValue one value is another
 * @property {(path: string, problem: string) => void} refuse what was typed is no value
 * @property {(config: GanConfig, focus: string) => void} replace an edit that changes which fields there are; `focus`: id of what has the focus then
 */

const TITLES = { generator: "Generator (G)", discriminator: "Discriminator (D)", training: "Training" };
const SCALES = { "0.5": "the mean of both halves", "1": "the sum of both halves" };

/**
 * @param {Draft} draft
 * @returns {HTMLElement[]} the form's sections
 */
export function formOf(draft) {
  return [trainingSection(draft), el("div", { class: "players" }, ...ROLES.map((role) => playerSection(draft, role)))];
}

/**
 * @param {Section} section
 * @param {...HTMLElement} children
 * @returns {HTMLElement}
 */
function sectionOfForm(section, ...children) {
  const error = el("p", { class: "error", id: `edit-${section}-error` });
  error.ariaLive = "polite"; // It is not a status: the page has one of those.
  return el("fieldset", { class: "section" }, el("legend", {}, TITLES[section]), error, ...children);
}

/**
 * @param {Draft} draft
 * @returns {HTMLElement}
 */
function trainingSection(draft) {
  const scale = String(draft.config.discriminatorLossScale);
  const scales = scale in SCALES ? SCALES : { ...SCALES, [scale]: `${scale} times the sum of both halves` };
  return sectionOfForm("training", el("div", { class: "fields" },
    ...partFields(draft, "Loss", "loss", LOSSES),
    selectField("D’s loss is", "discriminatorLossScale", scales, scale, (value) => draft.setValue("discriminatorLossScale", Number(value))),
    choiceField(draft, "Order of updates", "order", UPDATE_ORDERS),
    ...Object.entries(NUMBERS).map(([path, field]) => valueField(draft, field, path)),
    choiceField(draft, "Latent numbers are", "latent.kind", LATENTS),
    choiceField(draft, "First weights", "init", INITS),
  ));
}

/**
 * @param {Draft} draft
 * @param {Role} role
 * @returns {HTMLElement}
 */
function playerSection(draft, role) {
  const { layers } = draft.config[role];
  const optimizer = partFields(draft, "Optimizer", `${role}.optimizer`, OPTIMIZERS);
  return sectionOfForm(role,
    el("p", { class: "total", id: `edit-${role}-count` }),
    el("div", { class: "fields" }, ...optimizer, valueField(draft, CLIP_NORM, `${role}.gradientClipNorm`)),
    batchNormSwitch(draft, role),
    el("div", { class: "rows" }, ...layers.map((_, i) => layerRow(draft, role, i))),
    namedButton("Add a first layer", `Add a first layer to the ${role}`, `edit-${role}-first`, () => addLayer(draft, role, 0)),
  );
}

/**
 * @param {Draft} draft
 * @param {Role} role
 * @returns {HTMLElement}
 */
function batchNormSwitch(draft, role) {
  const box = el("input", { type: "checkbox", id: `edit-${role}-norm` });
  box.checked = hasBatchNorm(draft.config, role);
  box.onchange = () => draft.replace(withBatchNorm(draft.config, role, box.checked, batchNormOf(draft.preset, role)), box.id);
  return el("div", { class: "field tick" }, el("label", { for: box.id }, "BatchNorm"), box);
}

/**
 * @param {GanConfig} preset
 * @param {Role} role
 * @returns {LayerConfig} the BatchNorm that this preset has, or that of the Keras example
 */
function batchNormOf(preset, role) {
  const known = [...preset[role].layers, ...preset.generator.layers].find(({ type }) => type === "batchNorm");
  return known ?? /** @type {LayerConfig} */ (newPart(LAYERS, "batchNorm"));
}

/**
 * @param {Draft} draft
 * @param {Role} role
 * @param {number} at
 * @returns {HTMLElement}
 */
function layerRow(draft, role, at) {
  const path = `${role}.layers[${at}]`;
  const name = `layer ${at + 1} of the ${role}`;
  const row = el("div", { class: "row" },
    el("div", { class: "fields" }, ...partFields(draft, "Layer", path, LAYERS)),
    el("div", { class: "buttons" },
      namedButton("Add after", `Add after ${name}`, idOf(`${path}.add`), () => addLayer(draft, role, at + 1)),
      namedButton("Remove", `Remove ${name}`, idOf(`${path}.remove`), () => dropLayer(draft, role, at)),
    ),
    el("p", { class: "count", id: idOf(`${path}.count`) }),
  );
  row.role = "group";
  row.ariaLabel = `Layer ${at + 1} of the ${role}`;
  return row;
}

/**
 * @param {Draft} draft
 * @param {Role} role
 * @param {number} at
 */
function addLayer(draft, role, at) {
  const layer = /** @type {LayerConfig} */ (newPart(LAYERS, "linear"));
  draft.replace(insertLayer(draft.config, role, at, layer), idOf(`${role}.layers[${at}].type`));
}

/**
 * @param {Draft} draft
 * @param {Role} role
 * @param {number} at
 */
function dropLayer(draft, role, at) {
  const left = draft.config[role].layers.length - 1;
  const focus = left > 0 ? idOf(`${role}.layers[${Math.min(at, left - 1)}].remove`) : `edit-${role}-first`;
  draft.replace(removeLayer(draft.config, role, at), focus);
}

/**
 * @param {Draft} draft
 * @param {string} label
 * @param {string} path of a part
 * @param {AnyForms} forms of that part
 * @returns {HTMLElement[]} the choice of its kind, and its fields
 */
function partFields(draft, label, path, forms) {
  const part = /** @type {{type: string}} */ (valueAt(draft.config, path));
  const names = Object.fromEntries(Object.entries(forms).map(([type, form]) => [type, form.label]));
  const choose = selectField(label, `${path}.type`, names, part.type, (type) => {
    draft.replace(withValue(draft.config, path, newPart(forms, type, part)), idOf(`${path}.type`));
  });
  const fields = Object.entries(forms[part.type].fields);
  return [choose, ...fields.map(([name, field]) => valueField(draft, field, `${path}.${name}`))];
}

/**
 * @param {Draft} draft
 * @param {string} label
 * @param {string} path
 * @param {{readonly [choice: string]: string}} choices text by value
 * @returns {HTMLElement}
 */
function choiceField(draft, label, path, choices) {
  return selectField(label, path, choices, String(valueAt(draft.config, path)), (value) => draft.setValue(path, value));
}

/**
 * @param {Draft} draft
 * @param {Field} field
 * @param {string} path
 * @returns {HTMLElement}
 */
function valueField(draft, field, path) {
  return inputField(field, path, valueAt(draft.config, path), draft.limits, (input) => {
    if (input.type === "checkbox") return draft.setValue(path, input.checked);
    const text = input.value.trim();
    if (field.optional && text === "" && !input.validity.badInput) return draft.setValue(path, null);
    // The core says what is out of range, naming the field; a count below zero it could not even read.
    const parsed = parseNumber(text, field, field.integer && Number(text) < 0 ? draft.limits : null);
    return "value" in parsed ? draft.setValue(path, parsed.value) : draft.refuse(path, parsed.error);
  });
}
