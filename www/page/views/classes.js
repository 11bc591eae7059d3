// The choice of classes: a checkbox for each, of which one at least stays on.

import { normalised } from "../../config/classes.js";
import { configInUse } from "../../config/settings.js";
import { el, element, setText } from "../../dom.js";

/** @typedef {import("../run.js").Run} Run */

const NO_LABELS = "Your file came without labels, so there are no classes to choose from. Open its labels file together with it.";
const LAST_ONE = "One class at least must stay on.";

/** The group "Classes". */
export class ClassesView {
  /** @param {(classes: number[] | null) => void} onChoose null: all */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.group = element("classes", HTMLFieldSetElement);
    this.list = element("classes-list", HTMLElement);
    this.hint = element("classes-hint", HTMLElement);
    this.all = element("classes-all", HTMLButtonElement);
    this.invert = element("classes-invert", HTMLButtonElement);
    /** @type {HTMLInputElement[]} */
    this.boxes = [];
    /** Names that the boxes were built for. */
    this.built = "";
    /** The last box was switched off, and is on again. */
    this.refused = false;
    this.all.onclick = () => this.#choose(this.boxes.map((_, i) => i));
    this.invert.onclick = () => this.#choose(this.boxes.flatMap((box, i) => (box.checked ? [] : [i])));
  }

  /** @param {Run} run */
  show(run) {
    const { mode, dataset, classes } = run;
    this.group.hidden = mode.classCount === 0;
    const names = dataset?.classes ?? [];
    this.#build(names);
    const count = classes?.length ?? names.length;
    this.boxes.forEach((box, i) => (box.checked = classes === null || classes.includes(i)));
    this.all.hidden = this.invert.hidden = names.length === 0;
    this.all.disabled = this.invert.disabled = count === names.length;
    setText(this.hint, this.#hint(run, count));
  }

  /**
   * @param {Run} run
   * @param {number} count classes that are on
   * @returns {string}
   */
  #hint({ dataset, settings, ready }, count) {
    if (!dataset) return "";
    if (dataset.classes.length === 0) return dataset.own ? NO_LABELS : "They come with the images.";
    if (this.refused && count === 1) return LAST_ONE;
    const batch = ready ? configInUse(settings, ready.config).batchSize : 0;
    if (dataset.loading || dataset.total === 0 || dataset.available >= batch) return "Trains on those that are on, from the next batch.";
    if (dataset.available === 0) return "There is no image of these classes; switch others on.";
    return `These are ${dataset.available} images, fewer than a batch of ${batch}: they repeat within it.`;
  }

  /** @param {readonly string[]} names */
  #build(names) {
    const key = JSON.stringify(names);
    if (key === this.built) return;
    this.built = key;
    this.boxes = names.map((_, i) => {
      const box = el("input", { type: "checkbox" });
      box.onchange = () => this.#toggled(i);
      return box;
    });
    this.list.replaceChildren(...this.boxes.map((box, i) => el("label", {}, box, names[i])));
  }

  /** @param {number} at which box was switched; the last one that is on stays on */
  #toggled(at) {
    const chosen = this.boxes.flatMap(({ checked }, i) => (checked ? [i] : []));
    this.refused = chosen.length === 0;
    this.#choose(this.refused ? [at] : chosen);
  }

  /** @param {number[]} classes */
  #choose(classes) {
    this.onChoose(normalised(classes, this.boxes.length));
  }
}
