// The form of the editor, made from config/parts.js: a section for the training, and one for each player. It reports every edit to its owner.

import { hasBatchNorm, insertLayer, newPart, removeLayer, valueAt, withBatchNorm, withValue } from "../../config/edits.js";
import { usualLabels, withLabels } from "../../config/labels.js";
import {
  APPROXIMATED_R1, CLIP_NORM, DISCRIMINATOR_LABELS, GAMMAS, GENERATOR_LABELS, INITS, LATENTS, LAYERS, LOSSES, NUMBERS, OPTIMIZERS, ROLES, SCHEDULES,
  UPDATE_ORDERS,
} from "../../config/parts.js";
import { parseNumber } from "../../config/settings.js";
import { el, hint } from "../../dom.js";
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
 * @property {number} classes of the data
 * @property {import("../../../src/types.d.ts").Limits} limits
 * @property {(path: string, value: unknown) => void} setValue one value is another
 * @property {(path: string, problem: string) => void} refuse what was typed is no value
 * @property {(config: GanConfig, focus: string) => void} replace an edit that changes which fields there are; `focus`: id of what has the focus then
 */

const TITLES = { generator: "Generator (G)", discriminator: "Discriminator (D)", training: "Training" };
const LABELS_WORDS =
  "Labels say which class a picture is, or is meant to be. By projection D’s last layer has one value that counts for all and one for each class (Miyato and " +
  "Koyama 2018). Switching it on or off sets the units of that layer.";
const PENALTY_WORDS =
  "Penalties keep D’s slope small, so that it cannot leap ahead of G: R1 at real pictures, R2 at generated ones, γ / 2 times the mean squared slope " +
  "(Mescheder et al. 2018). They allow higher learning rates, and keep variety. The approximated form compares a picture with a noisy copy of it.";
const SCHEDULE_WORDS = "Large steps find the way, small ones settle: both rates can fall while the run goes on, from the rates that stand under Settings.";
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
  ), ...labelFields(draft), ...penaltyFields(draft), ...scheduleFields(draft));
}

/**
 * @param {Draft} draft
 * @returns {HTMLElement[]} how the players hear of labels, and what that is
 */
function labelFields(draft) {
  const { labels } = draft.config;
  const path = "labels";
  const on = tickField(draft, "The networks are told the class of each picture", path, labels !== null, (checked) => (
    withLabels(draft.config, checked ? (draft.preset.labels ?? usualLabels(draft.classes)) : null)
  ));
  if (!labels) return [on, hint(LABELS_WORDS)];
  const set = (/** @type {Partial<import("../../../src/types.d.ts").LabelsConfig>} */ more, /** @type {string} */ focus) => (
    draft.replace(withLabels(draft.config, { ...labels, ...more }), idOf(focus))
  );
  const forms = Object.fromEntries(Object.entries(DISCRIMINATOR_LABELS).map(([type, { label }]) => [type, label]));
  return [on, el("div", { class: "fields" },
    selectField("G is told", "labels.generator", GENERATOR_LABELS, labels.generator, (generator) => set({ generator }, "labels.generator")),
    selectField("D is told", "labels.discriminator.type", forms, labels.discriminator.type, (type) => {
      const discriminator = /** @type {import("../../../src/types.d.ts").DiscriminatorLabels} */ (newPart(DISCRIMINATOR_LABELS, type, labels.discriminator));
      set({ discriminator }, "labels.discriminator.type");
    }),
    ...Object.entries(DISCRIMINATOR_LABELS[labels.discriminator.type].fields).map(([name, field]) => valueField(draft, field, `labels.discriminator.${name}`)),
  ), hint(LABELS_WORDS)];
}

/**
 * @param {Draft} draft
 * @returns {HTMLElement[]} penalties on D's slope, and what they do
 */
function penaltyFields(draft) {
  const path = "gradientPenalties.approximatedR1";
  const approximated = draft.config.gradientPenalties.approximatedR1;
  const on = tickField(draft, "R1 approximated by noise", path, approximated !== null, (checked) => {
    const { weight, deviation } = APPROXIMATED_R1;
    return withValue(draft.config, path, checked ? { weight: weight.initial, deviation: deviation.initial } : null);
  });
  const fields = approximated ? Object.entries(APPROXIMATED_R1).map(([name, field]) => valueField(draft, field, `${path}.${name}`)) : [];
  return [
    el("div", { class: "fields" }, ...Object.entries(GAMMAS).map(([name, field]) => valueField(draft, field, `gradientPenalties.${name}`)), on, ...fields),
    hint(PENALTY_WORDS),
  ];
}

/**
 * @param {Draft} draft
 * @returns {HTMLElement[]} how the learning rates change, and what for
 */
function scheduleFields(draft) {
  return [el("div", { class: "fields" }, ...partFields(draft, "Learning rates", "schedule", SCHEDULES)), hint(SCHEDULE_WORDS)];
}

/**
 * @param {Draft} draft
 * @param {string} label
 * @param {string} path
 * @param {boolean} checked
 * @param {(checked: boolean) => GanConfig} edit
 * @returns {HTMLElement} a box that changes which fields there are
 */
function tickField(draft, label, path, checked, edit) {
  const box = el("input", { type: "checkbox", id: idOf(path), "data-path": path });
  box.checked = checked;
  box.onchange = () => draft.replace(edit(box.checked), box.id);
  return el("div", { class: "field tick" }, el("label", { for: box.id }, label), box);
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
