// Match the notebook: its start values and its z's, in the engine that trains everything else, beside the numbers it printed.

import { addressOf } from "../../site.js";
import { button, el, hint, num, p } from "../dom.js";
import { asValues, PIXELS, thirteen } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("../world.js").Thirteen} Thirteen */

/**
 * data/toy/notebook.json
 * @typedef {object} Notebook
 * @property {Thirteen} start
 * @property {number[]} z of each step
 * @property {Thirteen} printed after the last step
 * @property {number[]} imageLatents the notebook's z's of the pictures it shows in the end
 * @property {number[][]} images those pictures, as printed
 */

/** What a difference may be: the notebook computes in f64 and prints 8 digits, the engine computes in f32. */
export const TOLERANCE = 1e-5;

/** The two buttons, and the table of 29 numbers. */
export class NotebookMatch {
  /** @type {Notebook | null} */
  data = null;

  /**
   * @param {Desk} desk
   * @param {() => void} onLoaded
   */
  constructor(desk, onLoaded) {
    this.desk = desk;
    this.onLoaded = onLoaded;
    this.result = el("div", { "aria-live": "polite" });
    this.table = el("div");
    this.element = el(
      "section", { "aria-label": "Match the notebook" },
      el("h3", {}, "Match the notebook"),
      p("Luis Serrano published this world with a notebook that draws its start values and its z’s from NumPy’s seed 42. Load them, and this page repeats its 1,000 epochs of 5 faces number by number."),
      el("div", { class: "buttons" }, button("Match the notebook", () => void this.#match()), button("Only load its start", () => void this.#loadOnly())),
      this.result, this.table,
      hint("This starts your GAN anew, in the notebook’s order (the face first), with the five faces alone. After “Only load its start” the sub-steps, Step and Train take the notebook’s z’s one by one."),
    );
  }

  /** @returns {Promise<Notebook>} */
  async #fetch() {
    this.data ??= /** @type {Notebook} */ (await (await fetch(addressOf("data/toy/notebook.json"))).json());
    return this.data;
  }

  /** @returns {Promise<Notebook | null>} null: it could not be loaded */
  async #load() {
    this.table.replaceChildren();
    const { desk } = this;
    try {
      const notebook = await this.#fetch();
      const { run, world } = desk;
      if (!run) return null;
      world.ownFaces = [];
      world.chosenFace = 0;
      world.touch();
      desk.actions.startAnew({ ...run.settings, preset: "toy-2x2", learningRateG: null, learningRateD: null, changes: null }, "Starting from the notebook’s numbers");
      this.onLoaded();
      await run.move({ kind: "load", parameters: asValues(notebook.start), latents: Float32Array.from(notebook.z) });
      return notebook;
    } catch {
      this.result.textContent = "The notebook’s numbers could not be loaded; nothing was changed. Press again to retry.";
      return null;
    }
  }

  async #loadOnly() {
    if (!(await this.#load())) return;
    this.desk.actions.say("The notebook’s start is loaded.");
    this.result.textContent = "Loaded: the notebook’s 13 start values, and its 5,000 z’s for the steps to come.";
  }

  async #match() {
    const notebook = await this.#load();
    const { run } = this.desk;
    if (!notebook || !run) return;
    this.result.textContent = "Taking 5,000 steps…";
    const replay = await run.move({ kind: "replay", steps: notebook.z.length });
    if (!replay) return;
    const latents = Float32Array.from(notebook.imageLatents);
    const judged = await run.ask({ kind: "judge", parameters: null, samples: new Float32Array(0), latents });
    this.desk.actions.say("The notebook’s 5,000 steps are taken.");
    if (judged) this.#show(notebook, rowsOf(notebook, thirteen(replay.parameters), judged.samples), replay.milliseconds);
  }

  /**
   * @param {Notebook} notebook
   * @param {Row[]} rows
   * @param {number} milliseconds
   */
  #show(notebook, rows, milliseconds) {
    const largest = Math.max(...rows.map(({ printed, here }) => Math.abs(printed - here)));
    const verdict = largest <= TOLERANCE ? "They match." : "They do not match: please tell us.";
    this.result.replaceChildren(p(
      `${notebook.z.length.toLocaleString("en")} steps in `, num(milliseconds / 1000, 2, { "data-notebook": "seconds" }), " s. Largest difference of ",
      `${rows.length} numbers: `, el("data", { value: String(largest), "data-notebook": "difference" }, largest.toExponential(1)), `, allowed ${TOLERANCE.toExponential(0)}. `, el("strong", {}, verdict),
    ));
    const head = ["", "notebook", "here", "difference"].map((text) => el("th", { scope: "col" }, text));
    this.table.replaceChildren(el(
      "div", { class: "table-scroll tall", tabindex: "0", role: "region", "aria-label": "The notebook’s numbers and ours" },
      el("table", { class: "slopes" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows.map(({ name, printed, here }) => el(
        "tr", {}, el("th", { scope: "row" }, name), el("td", {}, num(printed, 8)), el("td", {}, num(here, 8)), el("td", {}, (here - printed).toExponential(1)),
      )))),
    ));
  }
}

/** @typedef {{name: string, printed: number, here: number}} Row */

/**
 * @param {Notebook} notebook
 * @param {Thirteen} here
 * @param {Float32Array} pictures of its latents
 * @returns {Row[]}
 */
export function rowsOf({ printed, images, imageLatents }, here, pictures) {
  const named = (/** @type {string} */ sign, /** @type {number[]} */ theirs, /** @type {number[]} */ ours) => theirs.map((value, i) => ({ name: `${sign}${"₁₂₃₄"[i]}`, printed: value, here: ours[i] }));
  return [
    ...named("v", printed.v, here.v), ...named("c", printed.c, here.c), ...named("w", printed.w, here.w), { name: "b", printed: printed.b, here: here.b },
    ...images.flatMap((image, n) => image.map((value, i) => ({ name: `G(${imageLatents[n].toFixed(4)}), ${PIXELS[i]}`, printed: value, here: pictures[4 * n + i] }))),
  ];
}
