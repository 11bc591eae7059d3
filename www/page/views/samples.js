// The grid of generated samples. With labels it has a column for each class, with its name above, and a row for each latent.

import { classesText } from "../../config/classes.js";
import { canBeAsked } from "../../config/labels.js";
import { el, element, find, setText } from "../../dom.js";
import { GridView } from "./grid.js";

/** @typedef {import("../run.js").Run} Run */

/** Columns of the grid without labels. */
const COLUMNS = 8;
/** Names up to this length fit above a column as they are; longer ones are turned. */
const SHORT_NAME = 2;

/** Draws what G makes of latents that never change. */
export class SamplesView {
  /** Names that stand above the columns. */
  #named = "";

  constructor() {
    this.picture = element("picture", HTMLElement);
    this.names = element("column-names", HTMLOListElement);
    this.canvas = find("canvas[data-view=samples]", HTMLCanvasElement);
    this.caption = element("samples-caption", HTMLElement);
    this.hint = element("samples-hint", HTMLElement);
    this.grid = new GridView(this.canvas, (width) => (this.names.style.width = `${width}px`));
  }

  clear() {
    this.grid.clear();
  }

  /** @param {Run} run whose latest frame is not on the screen yet */
  showFrame({ frame, ready, mode }) {
    if (frame && ready) this.grid.show(frame.samples, ready.info.shape, ready.info.classes || COLUMNS, mode.palette);
  }

  /** @param {Run} run what stands around the picture */
  show({ ready, dataset, mode, classes }) {
    const { labels = null } = ready?.config ?? {};
    const names = labels && dataset && dataset.classes.length > 0 ? classNames(labels.classes, dataset.classes) : []; // They come with the data.
    const chosen = labels ? classes : null;
    this.picture.classList.toggle("labelled", labels !== null);
    this.#showNames(names, chosen);
    const rows = "each row one random input, the same in all columns";
    setText(this.caption, labels ? `a column for each class, ${rows}` : "from 64 random inputs, always the same ones");
    setText(this.hint, labels ? labelledHint(canBeAsked(labels), names, chosen, mode.words) : "");
    const what = names.length > 0 ? `: a column for each class, ${names.join(", ")}; a row for each random input` : " in 8 rows of 8";
    const name = `${labels ? 8 * labels.classes : 64} generated samples${what}`;
    if (this.canvas.ariaLabel !== name) this.canvas.ariaLabel = name;
  }

  /**
   * @param {readonly string[]} names
   * @param {ReadonlyArray<number> | null} chosen classes that are trained on; null: all
   */
  #showNames(names, chosen) {
    const key = JSON.stringify([names, chosen]);
    if (key === this.#named) return;
    this.#named = key;
    this.names.hidden = names.length === 0;
    this.names.classList.toggle("turned", names.some(({ length }) => length > SHORT_NAME));
    this.names.replaceChildren(...names.map((name, label) => (
      el("li", chosen && !chosen.includes(label) ? { class: "unheard" } : {}, el("span", {}, name))
    )));
  }
}

/**
 * @param {number} count of classes
 * @param {readonly string[]} names of the data's classes, as many or fewer; none: they are not here yet
 * @returns {string[]}
 */
export function classNames(count, names) {
  return Array.from({ length: count }, (_, label) => names[label] ?? String(label));
}

/**
 * @param {boolean} asked whether G is told which class to draw
 * @param {readonly string[]} names
 * @param {ReadonlyArray<number> | null} chosen
 * @param {import("../../protocol.d.ts").Mode["words"]} words
 * @returns {string}
 */
function labelledHint(asked, names, chosen, { thing, style }) {
  if (!asked) return "G is not told the classes, so its columns are all alike.";
  const only = classesText(names, chosen);
  if (only) return `Only ${only} ${chosen?.length === 1 ? "is" : "are"} trained on. In the other columns G answers to names that it never hears.`;
  return `Read along a row: the same random numbers, another class. What stays (${style}) is the style; what changes is the ${thing}.`;
}
