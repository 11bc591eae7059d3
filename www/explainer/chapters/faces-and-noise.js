// Chapter 1: faces and noise, which D will have to tell apart, and a face that the learner draws.

import { button, el, hint, p } from "../../dom.js";
import { symbol } from "../widgets/cards.js";
import { pixelEditor, tile } from "../widgets/tiles.js";
import { MOST_OWN_FACES } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */

/** Galleries, and a board to draw on. */
export class FacesAndNoise {
  title = "Faces and noise";
  short = "Faces and noise";

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    const { world } = desk;
    this.faces = el("ul", { class: "gallery", "aria-label": "Faces" });
    this.noise = el("ul", { class: "gallery", "aria-label": "Noise" });
    this.editor = pixelEditor(() => world.sketch, (sketch) => world.set({ sketch }));
    this.add = button("Add to the training set", () => world.addSketch());
    this.count = hint();
    this.version = -1;
    this.element = el(
      "div", {},
      p(
        "In this world a picture ", symbol("x"), " has four pixels. The number on a pixel says how much ink it holds: 0 is paper, 1 is black. ",
        "People here always lean a little, so a face is dark at the top left and the bottom right, and light elsewhere.",
      ),
      el("h3", {}, "Faces"), this.faces,
      el("h3", {}, "Noise"),
      p("Four numbers with no rule behind them, anything from 0 to 1. A network that has learned nothing yet draws like this."),
      this.noise,
      button("Re-roll the noise", () => world.reroll()),
      el("h3", {}, "Draw a face"),
      p(
        "Drag a pixel up for more ink, down for less; or move to it by Tab and press the arrow keys. ",
        "What you add is trained on, beside the five faces.",
      ),
      el("div", { class: "drawing-board" }, this.editor.element, el("div", {}, this.add, this.count)),
      hint("Nobody checks what you add. Teach it that noise is a face, and it will learn that."),
    );
  }

  show() {
    const { world } = this.desk;
    if (world.version === this.version) return;
    this.version = world.version;
    this.faces.replaceChildren(
      ...world.builtIn.map((face, i) => el("li", {}, tile(face, `Face ${i + 1}`))),
      ...world.ownFaces.map((face, i) => el("li", {}, tile(face, `Your face ${i + 1}`), this.#removeButton(i))),
    );
    this.noise.replaceChildren(...world.noise.map((picture, i) => el("li", {}, tile(picture, `Noise ${i + 1}`))));
    this.editor.show();
    this.add.disabled = world.ownFaces.length >= MOST_OWN_FACES;
    this.count.textContent = `${world.faces.length} faces in the training set${this.add.disabled ? ", as many as there is room for" : ""}.`;
  }

  /**
   * @param {number} index of an own face
   * @returns {HTMLButtonElement}
   */
  #removeButton(index) {
    const remove = button("Remove", () => {
      this.desk.world.remove(index);
      this.add.focus();
    });
    remove.setAttribute("aria-label", `Remove your face ${index + 1}`);
    return remove;
  }
}
