// Match the notebook: its start values and its z's, in the engine that trains everything else, beside the numbers it printed.

import { button, el, hint, p } from "../../dom.js";
import { fetchNotebook, rowsOf } from "../notebook.js";
import { tensorsOf, thirteen } from "../numbers.js";
import { picturesOf } from "../pictures.js";
import { matchTable, matchVerdict } from "../widgets/match-table.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("../notebook.js").Notebook} Notebook */

/** Two buttons, and the table of what came out. */
export class NotebookMatch {
  /** @type {Notebook | null} null: it was not needed yet */
  #notebook = null;

  /**
   * @param {Desk} desk
   * @param {() => void} onLoaded called when the notebook's start takes the place of what was trained
   */
  constructor(desk, onLoaded) {
    this.desk = desk;
    this.onLoaded = onLoaded;
    this.result = el("div", { "aria-live": "polite" });
    this.table = el("div");
    this.element = el(
      "section", { "aria-label": "Match the notebook" },
      el("h3", {}, "Match the notebook"),
      p(
        "Luis Serrano published this world with a notebook that draws its start values and its z’s from NumPy’s seed 42. ",
        "Load them, and this page repeats its 1,000 epochs of 5 faces number by number.",
      ),
      el("div", { class: "buttons" }, button("Match the notebook", () => void this.#match()), button("Only load its start", () => void this.#loadOnly())),
      this.result, this.table,
      hint(
        "This starts your GAN anew, in the notebook’s order (the face first), with the five faces alone. ",
        "After “Only load its start” the substeps, Step and Train take the notebook’s z’s one by one.",
      ),
    );
  }

  /** @returns {Promise<Notebook | null>} null: it could not be loaded */
  async #load() {
    this.table.replaceChildren();
    try {
      this.#notebook ??= await fetchNotebook();
      const { run, world, actions } = this.desk;
      if (!run) return null;
      world.set({ ownFaces: [], chosenFace: 0 });
      const settings = { ...run.settings, preset: "toy-2x2", learningRateG: null, learningRateD: null, changes: null };
      actions.startAnew(settings, "Starting from the notebook’s numbers");
      this.onLoaded();
      await run.move({ kind: "load", parameters: tensorsOf(this.#notebook.start), latents: Float32Array.from(this.#notebook.z) });
      return this.#notebook;
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
    const steps = notebook.z.length;
    const replay = await run.move({ kind: "replay", steps });
    if (!replay) return;
    const latents = Float32Array.from(notebook.imageLatents);
    const judged = await run.ask({ kind: "judge", parameters: null, samples: new Float32Array(0), latents });
    this.desk.actions.say("The notebook’s 5,000 steps are taken.");
    if (!judged) return;
    const rows = rowsOf(notebook, thirteen(replay.parameters), picturesOf(judged.samples));
    this.result.replaceChildren(matchVerdict(rows, steps, replay.milliseconds));
    this.table.replaceChildren(matchTable(rows));
  }
}
