// The editor of a configuration: a form made from config.js. The core checks each edit and counts its parameters; what it says stands
// beside the network it is about. Nothing is trained with an edit before "Apply".

import { changesBetween, CLIP_NORM, INITS, LATENTS, LAYERS, LOSSES, NUMBERS, OPTIMIZERS, ORDERS } from "../../config/changes.js";
import { element, setText } from "../../dom.js";
import { hasBatchNorm, insertLayer, newPart, placeOf, removeLayer, valueAt, withBatchNorm, withValue } from "../../config/edits.js";
import { configInUse, parseNumber } from "../../config/settings.js";
import { idOf, inputField, make, namesOf, selectField, smallButton } from "./fields.js";

/** @typedef {import("../run.js").Run} Run */
/** @typedef {import("../../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../../src/types.d.ts").LayerConfig} LayerConfig */
/** @typedef {import("../../config/changes.js").Parts} Parts */
/** @typedef {import("../../config/changes.js").Field} Field */
/** @typedef {import("../../config/edits.js").Player} Player */
/** @typedef {Player | "training"} Section */

const PLAYERS = /** @type {const} */ (["generator", "discriminator"]);
const TITLES = { generator: "Generator (G)", discriminator: "Discriminator (D)", training: "Training" };
const SCALES = { "0.5": "the mean of both halves", "1": "the sum of both halves" };

/** The part of the page that is closed at first. */
export class EditorView {
  /** @param {(changes: import("../../protocol.d.ts").ConfigChanges | null) => void} onApply null: the preset as it is */
  constructor(onApply) {
    this.onApply = onApply;
    this.details = element("editor", HTMLDetailsElement);
    this.body = element("editor-body", HTMLElement);
    /** @type {Run | null} */
    this.run = null;
    /** @type {Run["ready"]} what the form was made for */
    this.ready = null;
    /** @type {Map<string, string>} what is wrong with a text that is no number, by path */
    this.unread = new Map();
    this.details.ontoggle = () => this.run && this.show(this.run);
  }

  /** @param {Run} run */
  show(run) {
    this.run = run;
    if (!this.details.open || !run.ready) return;
    if (run.ready !== this.ready) {
      this.ready = run.ready;
      this.unread.clear();
      this.#build();
      if (!run.described) this.#ask(this.config);
    }
    this.#showAnswer(run);
  }

  /** @returns {GanConfig} as it is edited */
  get config() {
    return this.run?.draft ?? /** @type {NonNullable<Run["ready"]>} */ (this.ready).config;
  }

  /** @param {GanConfig} config to ask the core about, with the batch size and the rates of now */
  #ask(config) {
    const { run } = this;
    if (!run) return;
    run.describe(configInUse(run.settings, config));
  }

  /**
   * An edit that changes which fields there are.
   * @param {GanConfig} config
   * @param {string} focus id of what has the focus then
   */
  #rebuild(config, focus) {
    this.unread.clear();
    this.#ask(config);
    this.#build();
    document.getElementById(focus)?.focus();
  }

  #build() {
    this.body.replaceChildren(
      make("p", "hint", "Every edit is checked at once, and trained with when you apply it: the run then starts anew. Learning rates and batch size stand under Settings."),
      this.#training(),
      make("div", "players", ...PLAYERS.map((player) => this.#player(player))),
      this.#buttons(),
    );
  }

  /**
   * @param {Section} section
   * @param {...HTMLElement} children
   * @returns {HTMLElement}
   */
  #section(section, ...children) {
    const error = make("p", "error");
    error.id = `edit-${section}-error`;
    error.ariaLive = "polite"; // Not a status: the page has one of those.
    return make("fieldset", "section", make("legend", "", TITLES[section]), error, ...children);
  }

  /** @returns {HTMLElement} */
  #training() {
    const { config } = this;
    const scale = String(config.discriminatorLossScale);
    const scales = scale in SCALES ? SCALES : { ...SCALES, [scale]: `${scale} times the sum of both halves` };
    return this.#section("training", make("div", "fields",
      ...this.#part("Loss", "loss", LOSSES),
      selectField("D’s loss is", "discriminatorLossScale", scales, scale, (value) => this.#set("discriminatorLossScale", Number(value))),
      this.#choice("Order of updates", "order", ORDERS),
      ...Object.entries(NUMBERS).map(([path, field]) => this.#number(field, path)),
      this.#choice("Latent numbers are", "latent.kind", LATENTS),
      this.#choice("First weights", "init", INITS),
    ));
  }

  /**
   * @param {Player} player
   * @returns {HTMLElement}
   */
  #player(player) {
    const { layers } = this.config[player];
    const norm = make("input", "");
    norm.type = "checkbox";
    norm.checked = hasBatchNorm(this.config, player);
    norm.id = `edit-${player}-norm`;
    norm.onchange = () => this.#rebuild(withBatchNorm(this.config, player, norm.checked, this.#norm(player)), norm.id);
    const label = make("label", "", "BatchNorm");
    label.htmlFor = norm.id;
    const count = make("p", "total");
    count.id = `edit-${player}-count`;
    return this.#section(player,
      count,
      make("div", "fields", ...this.#part("Optimizer", `${player}.optimizer`, OPTIMIZERS), this.#number(CLIP_NORM, `${player}.gradientClipNorm`)),
      make("div", "field tick", label, norm),
      make("div", "rows", ...layers.map((_, i) => this.#row(player, i))),
      smallButton("Add a first layer", `Add a first layer to the ${player}`, `edit-${player}-first`, () => this.#insert(player, 0)),
    );
  }

  /**
   * @param {Player} player
   * @returns {LayerConfig} the BatchNorm this preset has, or that of the Keras example
   */
  #norm(player) {
    const { preset } = /** @type {NonNullable<Run["ready"]>} */ (this.ready);
    const known = [...preset[player].layers, ...preset.generator.layers].find(({ type }) => type === "batchNorm");
    return known ?? /** @type {LayerConfig} */ (newPart(LAYERS, "batchNorm"));
  }

  /**
   * @param {Player} player
   * @param {number} at
   * @returns {HTMLElement}
   */
  #row(player, at) {
    const path = `${player}.layers[${at}]`;
    const info = make("p", "count");
    info.id = idOf(`${path}.count`);
    const row = make("div", "row", make("div", "fields", ...this.#part("Layer", path, LAYERS)), make("div", "buttons",
      smallButton("Add after", `Add after layer ${at + 1} of the ${player}`, idOf(`${path}.add`), () => this.#insert(player, at + 1)),
      smallButton("Remove", `Remove layer ${at + 1} of the ${player}`, idOf(`${path}.remove`), () => {
        const left = this.config[player].layers.length - 1;
        this.#rebuild(removeLayer(this.config, player, at), left > 0 ? idOf(`${player}.layers[${Math.min(at, left - 1)}].remove`) : `edit-${player}-first`);
      }),
    ), info);
    row.role = "group";
    row.ariaLabel = `Layer ${at + 1} of the ${player}`;
    return row;
  }

  /**
   * @param {Player} player
   * @param {number} at
   */
  #insert(player, at) {
    this.#rebuild(insertLayer(this.config, player, at, /** @type {LayerConfig} */ (newPart(LAYERS, "linear"))), idOf(`${player}.layers[${at}].type`));
  }

  /**
   * A part to choose, and its numbers.
   * @param {string} label
   * @param {string} path
   * @param {Parts} parts
   * @returns {HTMLElement[]}
   */
  #part(label, path, parts) {
    const part = /** @type {{type: string}} */ (valueAt(this.config, path));
    const choose = selectField(label, `${path}.type`, namesOf(parts), part.type, (type) => {
      this.#rebuild(withValue(this.config, path, newPart(parts, type, part)), idOf(`${path}.type`));
    });
    return [choose, ...parts[part.type].fields.map((field) => this.#number(field, `${path}.${field.name}`))];
  }

  /**
   * @param {string} label
   * @param {string} path
   * @param {Record<string, string>} choices
   * @returns {HTMLElement}
   */
  #choice(label, path, choices) {
    return selectField(label, path, choices, String(valueAt(this.config, path)), (value) => this.#set(path, value));
  }

  /**
   * @param {Field} field
   * @param {string} path
   * @returns {HTMLElement}
   */
  #number(field, path) {
    const { limits } = /** @type {NonNullable<Run["ready"]>} */ (this.ready);
    return inputField(field, path, valueAt(this.config, path), limits, (input) => {
      if (input.type === "checkbox") return this.#set(path, input.checked);
      const text = input.value.trim();
      if (field.optional && text === "" && !input.validity.badInput) return this.#set(path, null);
      // The core says what is out of range, naming the field; a count below zero it could not even read.
      const parsed = parseNumber(text, field, field.integer && Number(text) < 0 ? limits : null);
      if ("value" in parsed) return this.#set(path, parsed.value);
      this.unread.set(path, parsed.error);
      return this.run && this.#showAnswer(this.run);
    });
  }

  /**
   * @param {string} path
   * @param {unknown} value
   */
  #set(path, value) {
    this.unread.delete(path);
    this.#ask(withValue(this.config, path, value));
  }

  /** @returns {HTMLElement} */
  #buttons() {
    const apply = smallButton("Apply: start anew with this", "Apply: start anew with this", "edit-apply", () => {
      const { preset } = /** @type {NonNullable<Run["ready"]>} */ (this.ready);
      this.onApply(changesBetween(preset, this.config));
    });
    apply.className = "primary";
    const back = smallButton("Back to the preset", "Back to the preset", "edit-back", () => this.onApply(null));
    back.className = "";
    const why = make("p", "hint");
    why.id = "edit-why";
    return make("div", "buttons", apply, back, why);
  }

  /** @param {Run} run whose core has looked at the draft, or has not yet */
  #showAnswer({ described, phase, settings, draft, ready }) {
    const place = placeOf(described?.error ?? "");
    /** @type {Map<string, string>} what is wrong, by path */
    const wrong = new Map(this.unread);
    if (described?.error) wrong.set(place.path, `${described.error}.`);
    for (const section of /** @type {Section[]} */ (["training", ...PLAYERS])) {
      const words = [...wrong].filter(([path]) => placeOf(path).section === section).map(([, text]) => text);
      // While the core thinks, what it said last stays: a flicker helps nobody.
      if (described || words.length > 0) setText(element(`edit-${section}-error`, HTMLElement), words.join(" "));
    }
    if (described || this.unread.size > 0) this.#markWrong(wrong);
    if (described) this.#showCounts(described.networks);
    const changed = draft !== null && ready !== null && changesBetween(ready.config, draft) !== null;
    element("edit-apply", HTMLButtonElement).disabled = !described?.networks || this.unread.size > 0 || phase === "dead" || !changed;
    const bad = Boolean(described?.error) || this.unread.size > 0;
    setText(element("edit-why", HTMLElement), bad ? "This cannot be trained yet: see the message above." : changed ? "" : "Nothing is changed since the run began.");
    element("edit-back", HTMLButtonElement).disabled = !changed && settings.changes === null;
  }

  /** @param {Map<string, string>} wrong */
  #markWrong(wrong) {
    for (const control of this.body.querySelectorAll("[data-path]")) {
      const path = String(/** @type {HTMLElement} */ (control).dataset.path);
      if (wrong.has(path) || wrong.has(path.replace(/\.type$/, ""))) {
        control.setAttribute("aria-invalid", "true");
        control.setAttribute("aria-describedby", `edit-${placeOf(path).section}-error`);
      } else {
        control.removeAttribute("aria-invalid");
        control.removeAttribute("aria-describedby");
      }
    }
  }

  /** @param {NonNullable<Run["described"]>["networks"]} networks null: they cannot be counted */
  #showCounts(networks) {
    for (const player of PLAYERS) {
      const total = networks ? `${networks[player].parameters.toLocaleString("en")} parameters` : "Parameters are counted once everything fits.";
      setText(element(`edit-${player}-count`, HTMLElement), total);
      this.config[player].layers.forEach((_, i) => {
        const layer = networks?.[player].layers[i];
        const text = !layer ? "" : layer.parameters > 0 ? `${layer.label}: ${layer.parameters.toLocaleString("en")}` : layer.label;
        setText(element(idOf(`${player}.layers[${i}].count`), HTMLElement), text);
      });
    }
  }
}
