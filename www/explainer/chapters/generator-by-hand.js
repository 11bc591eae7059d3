// Chapter 3: a generator by hand. One number becomes four pixels.

import { button, el, hint, p, setText } from "../../dom.js";
import { coalesced } from "../coalesced.js";
import { fixed, num } from "../numerals.js";
import { picturesOf, weightedSum, Z_ROW } from "../pictures.js";
import { symbol } from "../widgets/cards.js";
import { GeneratorDrawing, lineLegend } from "../widgets/drawings.js";
import { amount, field, rangeInput } from "../widgets/forms.js";
import { stripItem, tile } from "../widgets/tiles.js";
import { handBuilt, MAKER } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */

/** A generator that can be bent, and what it makes of each z. */
export class GeneratorByHand {
  title = "A generator by hand";
  short = "A generator";

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    const { world } = desk;
    this.version = -1;
    this.drawing = new GeneratorDrawing({
      weight: (index, value) => world.set({ makerWeights: world.makerWeights.with(index, value) }),
      bias: (index, value) => world.set({ makerBiases: world.makerBiases.with(index, value) }),
    }, "A generator that you can bend");
    this.z = rangeInput("hand-z", { min: 0, max: 1, step: 0.01 });
    this.z.oninput = () => world.set({ z: Number(this.z.value) });
    this.zText = amount();
    this.result = el("div", { class: "result" });
    this.summary = el("p", { class: "summary", "aria-live": "polite" });
    this.row = el("ul", { class: "gallery strip", "aria-label": "Pictures for z from 0 to 1" });
    this.make = coalesced(() => this.#make());
    this.element = el(
      "div", {},
      p(
        "The other way round: one random number ", symbol("z"), " from 0 to 1 becomes four pixels. Each has a ", symbol("v", "weight v"), " and a ",
        symbol("c", "bias c"), ": ", symbol("fake", "x′ᵢ"), " = ", symbol("sigma"), "(vᵢ z + cᵢ). The sigmoid keeps every pixel between paper and ink.",
      ),
      el(
        "div", { class: "side-by-side" }, this.drawing.element,
        el("div", { class: "controls" }, field(this.z, "z = ", this.zText), this.result, this.#presets(), lineLegend()),
      ),
      el("h3", {}, "A face for every z?"), this.summary, this.row,
      hint(
        "A good generator is not one that makes a face for some z: it makes one for every z. Judged by your rule of chapter 2; ",
        "under each picture stands its probability D(x′).",
      ),
    );
  }

  /** @returns {HTMLElement} buttons for generators that are worth a look */
  #presets() {
    const { world } = this.desk;
    const preset = (/** @type {string} */ label, /** @type {number[]} */ biases) => (
      button(label, () => world.set({ makerWeights: [...MAKER.weights], makerBiases: biases }))
    );
    return el(
      "div", { class: "buttons" },
      preset("Good: biases +2, −2, −2, +2", [...MAKER.biases]), preset("Not quite: +1, −1, −1, +1", [1, -1, -1, 1]),
      preset("Upside down: −2, +2, +2, −2", [-2, 2, 2, -2]),
    );
  }

  show() {
    const { world, isReady } = this.desk;
    if (world.version === this.version || !isReady) return;
    this.version = world.version;
    this.z.value = String(world.z);
    this.zText.textContent = fixed(world.z, 2);
    this.make();
  }

  async #make() {
    const { world } = this.desk;
    const latents = Float32Array.from([world.z, ...Z_ROW]);
    const answer = await this.desk.ask({ kind: "judge", parameters: handBuilt(world), samples: new Float32Array(0), latents });
    if (!answer) return;
    const pictures = picturesOf(answer.samples);
    const isFace = pictures.map((picture) => weightedSum(world.weights, picture) > world.threshold);
    this.drawing.show({ z: latents[0], weights: world.makerWeights, biases: world.makerBiases, pixels: pictures[0] });
    this.result.replaceChildren(
      tile(pictures[0], `The picture for z ${fixed(latents[0], 2)}`),
      p("D(x′) = ", num(answer.sampleScores[0], 3), isFace[0] ? ": your rule calls it a face." : ": your rule does not call it a face."),
    );
    this.#showRow(pictures.slice(1), isFace.slice(1), answer.sampleScores.subarray(1));
  }

  /**
   * @param {number[][]} pictures that it makes of the z's in the row
   * @param {boolean[]} isFace whether the rule calls them faces
   * @param {Float32Array} scores
   */
  #showRow(pictures, isFace, scores) {
    setText(this.summary, `${isFace.filter(Boolean).length} of ${Z_ROW.length} pictures are faces by your rule.`);
    this.row.replaceChildren(...Z_ROW.map((z, i) => (
      stripItem(z, tile(pictures[i], `z ${fixed(z, 1)}`, "small"), [isFace[i] ? "✓ " : "✗ ", num(scores[i], 2)], !isFace[i])
    )));
  }
}
