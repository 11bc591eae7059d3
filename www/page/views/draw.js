// "Draw me a …": a button for each class, and a number to be written where the classes are numerals.

import { drawnWords, parseDigits } from "../../config/drawing.js";
import { canBeAsked } from "../../config/labels.js";
import { button, element, find, setText } from "../../dom.js";
import { GridView } from "./grid.js";
import { classNames } from "./samples.js";

/** @typedef {import("../run.js").Run} Run */

/** Samples in a row, at most. */
const COLUMNS = 6;

/** The group of that name, and the latest drawing. */
export class DrawView {
  /** Names that the buttons were made for. */
  #built = "";
  /** @type {Run["drawn"]} on the screen */
  #shown = null;

  /** @param {(labels: number[], oneStyle: boolean) => void} onDraw called when fresh samples are asked for */
  constructor(onDraw) {
    this.onDraw = onDraw;
    this.section = element("draw", HTMLElement);
    this.buttons = element("draw-buttons", HTMLElement);
    this.form = element("draw-number", HTMLFormElement);
    this.number = element("number", HTMLInputElement);
    this.error = element("number-error", HTMLElement);
    this.oneStyle = element("style-one", HTMLInputElement);
    this.drawn = element("drawn", HTMLElement);
    this.words = element("drawn-words", HTMLElement);
    this.picture = element("drawn-picture", HTMLElement);
    this.grid = new GridView(find("canvas[data-view=drawn]", HTMLCanvasElement));
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.#write();
    };
  }

  /** @param {Run} run */
  show(run) {
    const { ready, dataset, mode, drawn, phase } = run;
    const labels = ready?.config.labels ?? null;
    const known = dataset?.classes ?? [];
    this.section.hidden = !labels || !canBeAsked(labels) || known.length === 0; // Names come with the data.
    if (!ready || !labels || this.section.hidden) return;
    const names = classNames(labels.classes, known);
    this.#build(names, phase === "dead");
    this.form.hidden = !mode.hasNumerals;
    this.buttons.classList.toggle("numerals", mode.hasNumerals);
    setText(this.words, drawn ? drawnWords(drawn, names) : `Press one: G draws a ${mode.words.thing} from random numbers never used before.`);
    if (drawn === this.#shown) return;
    this.#shown = drawn;
    this.picture.hidden = drawn === null;
    this.drawn.classList.toggle("several", (drawn?.labels.length ?? 0) > 1);
    if (drawn) this.grid.show(drawn.samples, ready.info.shape, Math.min(drawn.labels.length, COLUMNS), mode.palette);
  }

  /**
   * @param {readonly string[]} names
   * @param {boolean} dead
   */
  #build(names, dead) {
    const key = JSON.stringify([names, dead]);
    if (key === this.#built) return;
    this.#built = key;
    this.buttons.replaceChildren(...names.map((name, label) => {
      const made = button(name, () => this.onDraw([label], true));
      made.disabled = dead;
      return made;
    }));
  }

  #write() {
    const parsed = parseDigits(this.number.value);
    setText(this.error, "error" in parsed ? parsed.error : "");
    if ("error" in parsed) this.number.setAttribute("aria-invalid", "true");
    else this.number.removeAttribute("aria-invalid");
    if ("digits" in parsed) this.onDraw(parsed.digits, this.oneStyle.checked);
  }
}
