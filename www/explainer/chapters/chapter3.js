// Chapter 3: a generator by hand. One number becomes four pixels.

import { symbol } from "../widgets/cards.js";
import { button, coalesced, el, fixed, hint, num, p } from "../dom.js";
import { GeneratorDrawing, lineLegend } from "../widgets/drawings.js";
import { tile } from "../widgets/tiles.js";
import { handBuilt, MAKER, weightedSum } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */

/** Values of z in the row of pictures: 0, 0.1, … 1. */
export const Z_ROW = Array.from({ length: 11 }, (_, i) => i / 10);

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
      weight(index, value) {
        world.makerWeights[index] = value;
        world.touch();
      },
      bias(index, value) {
        world.makerBiases[index] = value;
        world.touch();
      },
    }, "A generator that you can bend");
    this.z = el("input", { id: "hand-z", type: "range", min: "0", max: "1", step: "0.01" });
    this.z.oninput = () => {
      world.z = Number(this.z.value);
      world.touch();
    };
    this.zText = el("span", { class: "amount" });
    this.result = el("div", { class: "result" });
    this.summary = el("p", { class: "summary", "aria-live": "polite" });
    this.row = el("ul", { class: "gallery strip", "aria-label": "Pictures for z from 0 to 1" });
    this.make = coalesced(() => this.#make());
    const set = (/** @type {number[]} */ biases) => () => {
      world.makerWeights = [...MAKER.weights];
      world.makerBiases = biases;
      world.touch();
    };
    this.element = el(
      "div", {},
      p("The other way round: one random number ", symbol("z"), " from 0 to 1 becomes four pixels. Each has a ", symbol("v", "weight v"), " and a ", symbol("c", "bias c"), ": ", symbol("fake", "x′ᵢ"), " = ", symbol("sigma"), "(vᵢ z + cᵢ). The sigmoid keeps every pixel between paper and ink."),
      el(
        "div", { class: "side-by-side" }, this.drawing.element,
        el(
          "div", { class: "controls" },
          el("div", { class: "field" }, el("label", { for: "hand-z" }, "z = ", this.zText), this.z), this.result,
          el("div", { class: "buttons" }, button("Good: biases +2, −2, −2, +2", set([...MAKER.biases])), button("Not quite: +1, −1, −1, +1", set([1, -1, -1, 1])), button("Upside down: −2, +2, +2, −2", set([-2, 2, 2, -2]))),
          lineLegend(),
        ),
      ),
      el("h3", {}, "A face for every z?"), this.summary, this.row,
      hint("A good generator is not one that makes a face for some z: it makes one for every z. Judged by your rule of chapter 2; under each picture stands its probability D(x′)."),
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
    const pictures = Array.from(latents, (_, i) => [...answer.samples.subarray(4 * i, 4 * i + 4)]);
    const isFace = pictures.map((picture) => weightedSum(world.weights, picture) > world.threshold);
    this.drawing.show({ z: latents[0], weights: world.makerWeights, biases: world.makerBiases, pixels: pictures[0] });
    this.result.replaceChildren(
      tile(pictures[0], `The picture for z ${fixed(latents[0], 2)}`),
      p("D(x′) = ", num(answer.sampleScores[0], 3), isFace[0] ? ": your rule calls it a face." : ": your rule does not call it a face."),
    );
    const count = isFace.slice(1).filter(Boolean).length;
    const text = `${count} of ${Z_ROW.length} pictures are faces by your rule.`;
    if (this.summary.textContent !== text) this.summary.textContent = text;
    this.row.replaceChildren(...Z_ROW.map((z, i) => el(
      "li", isFace[i + 1] ? {} : { class: "miss" },
      tile(pictures[i + 1], `z ${fixed(z, 1)}`, "small"), el("span", {}, `z ${fixed(z, 1)}`), el("span", {}, isFace[i + 1] ? "✓ " : "✗ ", num(answer.sampleScores[i + 1], 2)),
    )));
  }
}
