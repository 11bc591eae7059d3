// The editor of a configuration. The core checks each edit and counts its parameters; what it says stands beside the player that it is about.
// Nothing is trained with an edit before "Apply".

import { changesBetween } from "../../config/changes.js";
import { sectionOf, withValue } from "../../config/edits.js";
import { ROLES } from "../../config/parts.js";
import { el, element, findAll, hint, setText } from "../../dom.js";
import { formOf } from "./editor-form.js";
import { idOf, namedButton } from "./fields.js";

/** @typedef {import("../run.js").Run} Run */
/** @typedef {import("./editor-form.js").Draft} Draft */
/** @typedef {import("../../../src/types.d.ts").GanConfig} GanConfig */

/**
 * Events that the editor reports.
 * @typedef {object} EditorActions
 * @property {(isOpen: boolean) => void} toggleEditor
 * @property {(draft: GanConfig) => void} edit the configuration as it is edited now
 * @property {(changes: import("../../protocol.d.ts").ConfigChanges | null) => void} apply null: the preset as it is
 */

/** The part of the page that is closed at first. */
export class EditorView {
  /** @type {Run | null} the run that was shown last */
  #run = null;
  /** @type {Run["ready"]} what the form was made for */
  #ready = null;
  /** @type {Draft | null} what the form edits; null: no form was made yet */
  #draft = null;
  /** @type {Map<string, string>} what is wrong with a text that is no value, by path */
  #refused = new Map();

  /** @param {EditorActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.details = element("editor", HTMLDetailsElement);
    this.body = element("editor-body", HTMLElement);
    this.details.ontoggle = () => actions.toggleEditor(this.details.open);
  }

  /** @param {Run} run */
  show(run) {
    this.#run = run;
    if (!this.details.open || !run.ready) return;
    if (run.ready !== this.#ready) {
      this.#ready = run.ready;
      this.#refused.clear();
      this.#build(run.draft ?? run.ready.config, run.ready, run.mode.classCount);
    }
    this.#showAnswer(run);
  }

  /**
   * @param {GanConfig} config as it is edited
   * @param {Pick<NonNullable<Run["ready"]>, "preset" | "limits">} ready
   * @param {number} classes of the data
   */
  #build(config, { preset, limits }, classes) {
    /** @type {Draft} */
    const draft = {
      config,
      preset,
      limits,
      classes,
      setValue: (path, value) => {
        this.#refused.delete(path);
        draft.config = withValue(draft.config, path, value);
        this.actions.edit(draft.config);
      },
      refuse: (path, problem) => {
        this.#refused.set(path, problem);
        if (this.#run) this.#showAnswer(this.#run);
      },
      replace: (next, focus) => {
        this.#refused.clear();
        this.actions.edit(next);
        this.#build(next, { preset, limits }, classes);
        document.getElementById(focus)?.focus();
      },
    };
    this.#draft = draft;
    this.body.replaceChildren(
      hint("Every edit is checked at once, and trained with when you apply it: the run then starts anew. Learning rates and batch size stand under Settings."),
      ...formOf(draft),
      this.#buttons(draft),
    );
  }

  /**
   * @param {Draft} draft
   * @returns {HTMLElement}
   */
  #buttons(draft) {
    const [apply, back] = ["Apply: start anew with this", "Back to the preset"];
    return el("div", { class: "buttons" },
      namedButton(apply, apply, "edit-apply", () => this.actions.apply(changesBetween(draft.preset, draft.config)), "primary"),
      namedButton(back, back, "edit-back", () => this.actions.apply(null), ""),
      el("p", { class: "hint", id: "edit-why" }),
    );
  }

  /** @param {Run} run whose core has looked at the draft, or has not yet */
  #showAnswer({ described, phase, settings, draft, ready }) {
    /** @type {Map<string, string>} what is wrong, by path */
    const wrong = new Map(this.#refused);
    if (described?.error) wrong.set(described.field ?? "", `${described.error}.`);
    for (const section of /** @type {const} */ (["training", ...ROLES])) {
      const words = [...wrong].filter(([path]) => sectionOf(path) === section).map(([, text]) => text);
      // Until the core answers, its last words stay, so that nothing flickers.
      if (described || words.length > 0) setText(element(`edit-${section}-error`, HTMLElement), words.join(" "));
    }
    if (described || this.#refused.size > 0) this.#markWrong(wrong);
    if (described) this.#showCounts(described.networks);
    const changed = draft !== null && ready !== null && changesBetween(ready.config, draft) !== null;
    element("edit-apply", HTMLButtonElement).disabled = !described?.networks || this.#refused.size > 0 || phase === "dead" || !changed;
    const bad = Boolean(described?.error) || this.#refused.size > 0;
    const why = bad ? "This cannot be trained yet: see the message above." : changed ? "" : "Nothing is changed since the run began.";
    setText(element("edit-why", HTMLElement), why);
    element("edit-back", HTMLButtonElement).disabled = !changed && settings.changes === null;
  }

  /** @param {Map<string, string>} wrong what is wrong, by path */
  #markWrong(wrong) {
    for (const control of findAll("[data-path]", this.body)) {
      const path = String(control.dataset.path);
      if (wrong.has(path) || wrong.has(path.replace(/\.type$/, ""))) {
        control.setAttribute("aria-invalid", "true");
        control.setAttribute("aria-describedby", `edit-${sectionOf(path)}-error`);
      } else {
        control.removeAttribute("aria-invalid");
        control.removeAttribute("aria-describedby");
      }
    }
  }

  /** @param {NonNullable<Run["described"]>["networks"]} networks null: their parameters cannot be counted */
  #showCounts(networks) {
    for (const role of ROLES) {
      const total = networks ? `${networks[role].parameters.toLocaleString("en")} parameters` : "Parameters are counted once everything fits.";
      setText(element(`edit-${role}-count`, HTMLElement), total);
      this.#draft?.config[role].layers.forEach((_, i) => {
        const layer = networks?.[role].layers[i];
        const text = !layer ? "" : layer.parameters > 0 ? `${layer.label}: ${layer.parameters.toLocaleString("en")}` : layer.label;
        setText(element(idOf(`${role}.layers[${i}].count`), HTMLElement), text);
      });
    }
  }
}
