// The buttons and the settings form: shows a run's settings, reports what a person presses or types, and says what is wrong beside the field.
// A value that is wrong is never reported.

import { canBeAsked } from "../config/labels.js";
import { configInUse, NUMBER_FIELDS, NUMBER_NAMES, parseNumber } from "../config/settings.js";
import { element, setText } from "../dom.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("../config/settings.js").NumberName} NumberName */
/** @typedef {import("../protocol.d.ts").StepRequest} StepRequest */

/**
 * Events that the controls report.
 * @typedef {object} Actions
 * @property {() => void} toggleTraining
 * @property {(request: StepRequest) => void} step
 * @property {() => void} reset
 * @property {() => void} copyLink
 * @property {(preset: string) => void} choosePreset
 * @property {(backend: import("../protocol.d.ts").BackendChoice) => void} chooseBackend
 * @property {(name: NumberName, value: number) => void} changeNumber
 * @property {(changed: Partial<Pick<import("../protocol.d.ts").Settings, "averaged" | "psi">>) => void} changePicture
 * @property {() => void} pictureChosen called when a person has let go of what changes the picture
 * @property {(files: File[]) => void} openFiles
 * @property {() => void} closeFiles
 */

/** All controls of the panel. */
export class Controls {
  /** @param {Actions} actions */
  constructor(actions) {
    this.train = element("train", HTMLButtonElement);
    /** @type {{request: StepRequest, button: HTMLButtonElement}[]} */
    this.steps = [
      { request: "both", button: element("step", HTMLButtonElement) },
      { request: "discriminator", button: element("step-d", HTMLButtonElement) },
      { request: "generator", button: element("step-g", HTMLButtonElement) },
    ];
    this.preset = element("preset", HTMLSelectElement);
    this.backend = element("backend", HTMLSelectElement);
    this.files = element("own-files", HTMLInputElement);
    this.closeFiles = element("close-files", HTMLButtonElement);
    this.averaged = element("averaged-yes", HTMLInputElement);
    this.raw = element("averaged-no", HTMLInputElement);
    this.psi = element("psi", HTMLInputElement);
    /** @type {{[Name in NumberName]: HTMLInputElement}} */
    this.numbers = {
      seed: element("seed", HTMLInputElement),
      batchSize: element("batchSize", HTMLInputElement),
      learningRateG: element("learningRateG", HTMLInputElement),
      learningRateD: element("learningRateD", HTMLInputElement),
    };
    /** @type {import("../../src/types.d.ts").Limits | null} */
    this.limits = null;
    /** @type {unknown[]} what the form was last filled from */
    this.filledFrom = [];
    this.#listen(actions);
  }

  /** @param {Actions} actions */
  #listen(actions) {
    this.train.onclick = actions.toggleTraining;
    for (const { request, button } of this.steps) button.onclick = () => actions.step(request);
    element("reset", HTMLButtonElement).onclick = actions.reset;
    element("copy-link", HTMLButtonElement).onclick = actions.copyLink;
    element("settings", HTMLFormElement).onsubmit = (event) => event.preventDefault();
    this.preset.onchange = () => actions.choosePreset(this.preset.value);
    this.backend.onchange = () => actions.chooseBackend(/** @type {import("../protocol.d.ts").BackendChoice} */ (this.backend.value));
    for (const name of NUMBER_NAMES) {
      const input = this.numbers[name];
      input.onchange = () => {
        if (input.readOnly) return;
        const parsed = parseNumber(input.value, NUMBER_FIELDS[name], this.limits);
        this.#showError(name, "error" in parsed ? `${parsed.error} Nothing was changed.` : "");
        if ("value" in parsed) actions.changeNumber(name, parsed.value);
      };
    }
    this.averaged.onchange = this.raw.onchange = () => {
      actions.changePicture({ averaged: this.averaged.checked });
      actions.pictureChosen();
    };
    this.psi.oninput = () => actions.changePicture({ psi: Number(this.psi.value) });
    this.psi.onchange = actions.pictureChosen; // While it is dragged the address is left alone: browsers allow few changes a second.
    this.files.onchange = () => {
      const files = [...(this.files.files ?? [])];
      this.files.value = ""; // So that the same file can be chosen again.
      if (files.length > 0) actions.openFiles(files);
    };
    this.closeFiles.onclick = actions.closeFiles;
  }

  /** @param {Run} run to show */
  show(run) {
    const { mode, settings, ready, phase } = run;
    setText(this.train, run.wanted || run.stopping ? "Pause" : "Train");
    this.train.disabled = phase === "dead";
    for (const { button } of this.steps) button.disabled = phase === "dead" || !ready;
    element("own-files-area", HTMLElement).hidden = !mode.ownFiles;
    this.files.disabled = !ready;
    this.closeFiles.hidden = !run.dataset?.own;
    setText(this.closeFiles, `Back to ${mode.source.name}`);
    this.#showSeedHint(run);
    this.#showAveraging(run);
    this.#showPsi(run);
    const from = [run, mode, settings, ready];
    if (from.some((value, i) => value !== this.filledFrom[i])) this.#fill(run);
    this.filledFrom = from;
  }

  /** @param {Run} run whose settings are not the ones in the form */
  #fill({ mode, settings, ready, nextSeed }) {
    element("preset-field", HTMLElement).hidden = mode.presets.length < 2;
    this.preset.replaceChildren(...mode.presets.map(({ name, label }) => new Option(label, name, false, name === settings.preset)));
    const changed = settings.changes ? "Changed by you; another" : "Another";
    const note = mode.presets.find(({ name }) => name === settings.preset)?.note ?? "";
    setText(element("preset-hint", HTMLElement), `${note} ${changed} preset starts the run anew.`.trim());
    this.backend.value = settings.backend;
    this.limits = ready?.limits ?? this.limits;
    const config = ready && configInUse(settings, ready.config);
    /** @type {{[Name in NumberName]: number | null}} */
    const values = {
      seed: nextSeed,
      batchSize: config?.batchSize ?? settings.batchSize,
      learningRateG: config?.generator.learningRate ?? settings.learningRateG,
      learningRateD: config?.discriminator.learningRate ?? settings.learningRateD,
    };
    for (const name of NUMBER_NAMES) {
      const input = this.numbers[name];
      const range = this.limits?.[NUMBER_FIELDS[name].limit];
      if (range) [input.min, input.max] = range.map(String);
      input.value = String(values[name] ?? "");
      input.disabled = !ready;
      this.#showError(name, "");
    }
    this.numbers.batchSize.readOnly = mode.batchSizeFixed;
    setText(element("batchSize-hint", HTMLElement), mode.batchSizeFixed ? "Fixed: one face at a time." : "Real samples in each update of D.");
  }

  /** @param {Run} run */
  #showAveraging({ settings, ready }) {
    const kept = !ready || ready.config.emaDecay !== null;
    this.averaged.disabled = this.raw.disabled = !ready || !kept;
    this.averaged.checked = settings.averaged && kept;
    this.raw.checked = !this.averaged.checked;
    setText(element("averaging-hint", HTMLElement), kept ? "" : "This training keeps no average.");
  }

  /** @param {Run} run */
  #showPsi({ settings, ready }) {
    element("psi-field", HTMLElement).hidden = !canBeAsked(ready?.config.labels ?? null);
    if (Number(this.psi.value) !== settings.psi) this.psi.value = String(settings.psi);
    setText(element("psi-value", HTMLElement), `ψ = ${settings.psi.toFixed(2)}`);
  }

  /** @param {Run} run */
  #showSeedHint({ nextSeed, settings }) {
    const pending = nextSeed !== settings.seed;
    setText(element("seed-hint", HTMLElement), pending ? `Still seed ${settings.seed}; press Reset to use ${nextSeed}.` : "Takes effect at Reset.");
  }

  /**
   * @param {NumberName} name
   * @param {string} text empty: all is well
   */
  #showError(name, text) {
    setText(element(`${name}-error`, HTMLElement), text);
    if (text) this.numbers[name].setAttribute("aria-invalid", "true");
    else this.numbers[name].removeAttribute("aria-invalid");
  }
}
