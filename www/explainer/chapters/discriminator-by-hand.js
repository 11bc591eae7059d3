// Chapter 2: a discriminator by hand. A sum and a threshold, then the same rule as a probability.

import { button, el, hint, p } from "../../dom.js";
import { coalesced } from "../coalesced.js";
import { fixed, num, signed } from "../numerals.js";
import { symbol } from "../widgets/cards.js";
import { DiscriminatorDrawing, lineLegend } from "../widgets/drawings.js";
import { amount, choice, field, rangeInput } from "../widgets/forms.js";
import { Plot } from "../widgets/plots.js";
import { Scorecard } from "../widgets/scorecard.js";
import { handBuilt, RULE, scorecard } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("../world.js").Verdict} Verdict */

/** How far the threshold may be moved. */
const THRESHOLDS = { min: -2, max: 4, step: 0.05 };

/** The sigmoid from -4 to 4. */
const SIGMOID = Array.from({ length: 81 }, (_, i) => /** @type {[number, number]} */ ([i / 10 - 4, 1 / (1 + Math.exp(4 - i / 10))]));

/** A rule that can be bent, and how it fares. */
export class DiscriminatorByHand {
  title = "A discriminator by hand";
  short = "A discriminator";

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    const { world } = desk;
    this.version = -1;
    /** Index of the picture that the drawing judges: faces come first, then noise. */
    this.picture = 0;
    this.drawing = new DiscriminatorDrawing({
      weight: (index, value) => world.set({ weights: world.weights.with(index, value) }),
      bias: (_, value) => world.set({ threshold: -value }),
    }, "A discriminator that you can bend");
    this.choice = choice("hand-picture");
    this.choice.onchange = () => {
      this.picture = this.choice.selectedIndex;
      this.version = -1;
      this.show();
    };
    this.threshold = rangeInput("hand-threshold", THRESHOLDS);
    this.threshold.oninput = () => world.set({ threshold: Number(this.threshold.value) });
    this.thresholdText = amount();
    this.sum = p();
    this.scorecard = new Scorecard();
    this.plot = new Plot("The sigmoid, and where each picture lies on it");
    this.judge = coalesced(() => this.#judge());
    this.element = el("div", {}, ...this.#verdict(), ...this.#probability());
  }

  /** @returns {HTMLElement[]} */
  #verdict() {
    const { world } = this.desk;
    return [
      p(
        "How could a machine tell? Add the ink of the dark diagonal and subtract the rest: a ", symbol("w", "weight"), " of +1, −1, −1, +1. ",
        "A face gives a large sum, noise a small one. Above the threshold it is called a face.",
      ),
      el(
        "div", { class: "side-by-side" }, this.drawing.element,
        el(
          "div", { class: "controls" },
          field(this.choice, "Picture"), this.sum, field(this.threshold, "Threshold ", this.thresholdText),
          button("Back to +1, −1, −1, +1 and 1", () => world.set({ weights: [...RULE.weights], threshold: RULE.threshold })),
          lineLegend(),
          hint("Drag a number in the drawing, or reach it by Tab and use the arrow keys."),
        ),
      ),
      el("h3", {}, "Scorecard"), this.scorecard.summary, this.scorecard.element,
      hint("Noise that happens to lean like a face is called one: a miss for the rule, though you might agree with it."),
    ];
  }

  /** @returns {Element[]} */
  #probability() {
    return [
      el("h3", {}, "From a verdict to a probability"),
      p(
        "A threshold only says yes or no. Subtract it from the sum, that is, add a ", symbol("b", "bias b"), " = −threshold, and send the result ",
        symbol("s"), " through the ", symbol("sigma", "sigmoid σ"), ". Now ", symbol("p", "p = D(x)"), " is a probability: ½ exactly at the threshold, ",
        "near 1 far above, near 0 far below. The same rule, but it can be a little wrong, and so it can learn.",
      ),
      this.plot.element,
      hint("Squares are faces, crosses are noise. The probabilities come from the engine, with your weights loaded into a discriminator of its own."),
    ];
  }

  show() {
    const { world, isReady } = this.desk;
    if (world.version === this.version || !isReady) return;
    this.version = world.version;
    this.#fillChoice();
    this.threshold.value = String(world.threshold);
    this.thresholdText.textContent = fixed(world.threshold, 2);
    const { picture, sum, called } = scorecard(world)[this.picture];
    const terms = world.weights.map((weight, i) => `${signed(weight, 2)} × ${fixed(picture[i], 2)}`).join("  ");
    this.sum.replaceChildren(`${terms} = `, num(sum, 2), called ? ", more than the threshold: a face." : ", not more than the threshold: no face.");
    this.judge();
  }

  #fillChoice() {
    const { names } = this.desk.world;
    this.picture = Math.min(this.picture, names.length - 1);
    if (this.choice.options.length !== names.length) this.choice.replaceChildren(...names.map((name) => new Option(name)));
    this.choice.selectedIndex = this.picture;
  }

  async #judge() {
    const { world } = this.desk;
    const verdicts = scorecard(world);
    const samples = Float32Array.from(verdicts.flatMap(({ picture }) => picture));
    const answer = await this.desk.ask({ kind: "judge", parameters: handBuilt(world), samples, latents: new Float32Array(0) });
    if (!answer || verdicts.length !== world.faces.length + world.noise.length) return; // Pictures came or went meanwhile.
    const scores = [...answer.scores];
    this.drawing.show({ pixels: verdicts[this.picture].picture, weights: world.weights, bias: -world.threshold, score: scores[this.picture] });
    this.scorecard.show(verdicts, world.names, scores);
    this.#showPlot(verdicts, scores);
  }

  /**
   * @param {readonly Verdict[]} verdicts
   * @param {readonly number[]} scores
   */
  #showPlot(verdicts, scores) {
    const { threshold } = this.desk.world;
    this.plot.show(
      { x: [-4, 4], y: [0, 1], xLabel: "s = sum − threshold", yLabel: "p = σ(s)" },
      [{ points: SIGMOID, className: "ink" }, { points: [[0, 0], [0, 1]], className: "soft dashed" }],
      verdicts.map(({ sum, isFace }, i) => ({
        x: sum - threshold, y: scores[i], className: isFace ? "real" : "soft", shape: isFace ? "square" : "cross",
      })),
    );
  }
}
