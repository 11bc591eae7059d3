// Chapter 4: the error, and how to reduce it. The curves of −log, one gradient step in slow motion, the chain rule with live numbers.

import { el, hint, p } from "../../dom.js";
import { coalesced } from "../coalesced.js";
import { fixed, num } from "../numerals.js";
import { SlowMotion } from "../sections/slow-motion.js";
import { symbol } from "../widgets/cards.js";
import { ChainRule } from "../widgets/chain-rule.js";
import { amount, choice, field, rangeInput } from "../widgets/forms.js";
import { Plot } from "../widgets/plots.js";
import { handBuilt } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("../../../src/types.d.ts").StepRecord} StepRecord */

/** Probabilities over which the two errors are drawn. */
const PROBABILITIES = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/** Errors and derivatives of a GAN, on one face and one z. */
export class ErrorAndSlope {
  title = "The error and how to reduce it";
  short = "The error";

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** The version of the learner's world and the frame that were drawn last. */
    this.shown = { version: -1, frame: /** @type {unknown} */ (null) };
    this.z = 0.4;
    this.whose = choice("slope-whose", ["Your GAN, as it is now", "The pair built by hand"]);
    this.whose.onchange = () => this.#redraw();
    this.face = choice("slope-face");
    this.face.onchange = () => desk.world.set({ chosenFace: this.face.selectedIndex });
    this.zInput = rangeInput("slope-z", { min: 0, max: 1, step: 0.01 }, this.z);
    this.zText = amount();
    this.zInput.oninput = () => {
      this.z = Number(this.zInput.value);
      this.#redraw();
    };
    this.plot = new Plot("The error as a function of the probability");
    this.words = p();
    this.slow = new SlowMotion(desk, () => this.#scene());
    this.chainRule = new ChainRule();
    this.derive = coalesced(() => this.#derive());
    this.element = el("div", {}, ...this.#error(), ...this.#slope());
  }

  /** @returns {HTMLElement[]} */
  #error() {
    return [
      p(
        "A probability that is wrong should cost something, and the more sure it was, the more. For a real face the error is −log D(x): nothing if ",
        symbol("p"), " = 1, without bound as it goes to 0. For a fake ", symbol("fake"), " D’s error is −log(1\u00a0−\u00a0D(x′)). ",
        "G wants the opposite of the same fake: its error ", symbol("lossG"), " is −log\u00a0D(x′).",
      ),
      el("div", { class: "fields" }, field(this.whose, "Numbers"), field(this.face, "Face x"), field(this.zInput, "z = ", this.zText)),
      el("div", { class: "side-by-side" }, this.plot.element, el("div", { class: "controls" }, this.words)),
      el("h3", {}, "One step downhill, in slow motion"), this.slow.element,
    ];
  }

  /** @returns {HTMLElement[]} */
  #slope() {
    return [
      el("h3", {}, "The chain rule, with the numbers of now"),
      p(
        "A weight changes the sum, the sum changes the probability, the probability changes the error. ",
        "The slope of the whole is the product of the slopes on the way.",
      ),
      ...this.chainRule.elements,
      hint(
        "“Chain rule” multiplies the numbers that are shown; “engine” is the backward pass that trains; “difference” evaluates the engine’s error ",
        "at the number ± 1/64 and divides. The engine computes with f32, about 7 digits; divided by 1/32, four decimals of the difference are left ",
        "that can be trusted, so four are shown.",
      ),
      hint(
        "In the drawing that goes with Serrano’s notebook one factor of G’s chain is wrong: the slope of D’s sum along a pixel is that pixel’s weight ",
        "wᵢ, as here. The notebook’s code has it right.",
      ),
    ];
  }

  /** @returns {import("../desk.js").Scene} */
  #scene() {
    const { world } = this.desk;
    return { parameters: this.whose.selectedIndex === 1 ? handBuilt(world) : null, sample: Float32Array.from(world.face), latent: Float32Array.of(this.z) };
  }

  /** Something was chosen that belongs to this chapter alone. */
  #redraw() {
    this.shown.version = -1;
    this.show();
  }

  show() {
    const { world, run, isReady } = this.desk;
    const frame = run?.frame ?? null;
    if (!isReady || (this.shown.version === world.version && this.shown.frame === frame)) return;
    const hasMoved = this.shown.frame !== frame && run?.phase !== "paused";
    this.shown = { version: world.version, frame };
    this.#fillFaces();
    this.zText.textContent = fixed(this.z, 2);
    this.derive();
    this.slow.show(hasMoved);
  }

  #fillFaces() {
    const { faces, chosenFace } = this.desk.world;
    const names = faces.map((face, i) => `${i + 1}: ${face.map((value) => fixed(value, 2)).join(", ")}`);
    if (this.face.options.length !== names.length) this.face.replaceChildren(...names.map((name) => new Option(name)));
    this.face.selectedIndex = Math.min(chosenFace, names.length - 1);
  }

  async #derive() {
    const answer = await this.desk.derive(this.#scene());
    if (!answer) return;
    this.#showErrors(answer.record);
    this.chainRule.show(answer, this.desk.world.face, this.z);
  }

  /** @param {StepRecord} record of the face and the fake */
  #showErrors(record) {
    const [face, fake] = [record.scoreReal ?? NaN, record.scoreFake ?? NaN];
    const [onFace, onFake, ofG] = [record.lossDReal ?? NaN, record.lossDFake ?? NaN, record.lossG ?? NaN];
    this.plot.show(
      { x: [0, 1], y: [0, 4], xLabel: "probability p", yLabel: "error" },
      [
        { points: PROBABILITIES.map((x) => [x, -Math.log(x)]), className: "ink" },
        { points: PROBABILITIES.map((x) => [x, -Math.log(1 - x)]), className: "soft dashed" },
      ],
      [
        { x: face, y: onFace, className: "d", shape: "square", label: "D on the face" },
        { x: fake, y: onFake, className: "d", label: "D on the fake" },
        { x: fake, y: ofG, className: "g", label: "G" },
      ],
    );
    const errors = `D on the face: ${fixed(onFace, 4)}; D on the fake: ${fixed(onFake, 4)}; G: ${fixed(ofG, 4)}`;
    this.plot.describe(`Solid: −log p. Dashed: −log(1 − p). ${errors}`);
    this.words.replaceChildren(
      "D(x) = ", num(face, 4), ", so D’s error on the face is −log ", fixed(face, 4), " = ", num(onFace, 4), ". ",
      "D(x′) = ", num(fake, 4), ": D’s error on the fake is −log(1 − ", fixed(fake, 4), ") = ", num(onFake, 4),
      ", and G’s is −log ", fixed(fake, 4), " = ", num(ofG, 4), ". Solid: −log p. Dashed: −log(1 − p).",
    );
  }
}
