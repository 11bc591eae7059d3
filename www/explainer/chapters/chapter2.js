// Chapter 2: a discriminator by hand. A sum and a threshold, then the same rule as a probability.

import { symbol } from "../widgets/cards.js";
import { button, coalesced, el, fixed, hint, num, p, signed } from "../dom.js";
import { DiscriminatorDrawing, lineLegend } from "../widgets/drawings.js";
import { Plot } from "../widgets/plots.js";
import { tile } from "../widgets/tiles.js";
import { handBuilt, RULE, scorecard } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */

/** How far the threshold may be moved. */
const THRESHOLDS = { min: -2, max: 4, step: 0.05 };

/** A rule that can be bent, and how it fares. */
export class DiscriminatorByHand {
  title = "A discriminator by hand";
  short = "A discriminator";

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    const { world } = desk;
    this.version = -1;
    /** Which picture the drawing judges: faces first, then noise. */
    this.picture = 0;
    this.drawing = new DiscriminatorDrawing({
      weight(index, value) {
        world.weights[index] = value;
        world.touch();
      },
      bias(_, value) {
        world.threshold = -value;
        world.touch();
      },
    }, "A discriminator that you can bend");
    this.choice = el("select", { id: "hand-picture" });
    this.choice.onchange = () => {
      this.picture = this.choice.selectedIndex;
      world.touch();
    };
    this.threshold = el("input", { id: "hand-threshold", type: "range", min: String(THRESHOLDS.min), max: String(THRESHOLDS.max), step: String(THRESHOLDS.step) });
    this.threshold.oninput = () => {
      world.threshold = Number(this.threshold.value);
      world.touch();
    };
    this.thresholdText = el("span", { class: "amount" });
    this.sum = p();
    this.summary = el("p", { class: "summary", "aria-live": "polite" });
    this.rows = el("tbody");
    this.plot = new Plot("The sigmoid, and where each picture lies on it");
    this.judge = coalesced(() => this.#judge());
    const head = ["Picture", "Sum", "The rule says", "p", ""].map((text) => el("th", { scope: "col" }, text));
    this.element = el(
      "div", {},
      p("How could a machine tell? Add the ink of the dark diagonal and subtract the rest: a ", symbol("w", "weight"), " of +1, −1, −1, +1. A face gives a large sum, noise a small one. Above the threshold it is called a face."),
      el(
        "div", { class: "side-by-side" }, this.drawing.element,
        el(
          "div", { class: "controls" },
          el("div", { class: "field" }, el("label", { for: "hand-picture" }, "Picture"), this.choice), this.sum,
          el("div", { class: "field" }, el("label", { for: "hand-threshold" }, "Threshold ", this.thresholdText), this.threshold),
          button("Back to +1, −1, −1, +1 and 1", () => {
            world.weights = [...RULE.weights];
            world.threshold = RULE.threshold;
            world.touch();
          }),
          lineLegend(),
          hint("Drag a number in the drawing, or reach it by Tab and use the arrow keys."),
        ),
      ),
      el("h3", {}, "Scorecard"), this.summary,
      el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Scorecard" }, el("table", { class: "scorecard" }, el("thead", {}, el("tr", {}, ...head)), this.rows)),
      hint("Noise that happens to lean like a face is called one: a miss for the rule, though you might agree with it."),
      el("h3", {}, "From a verdict to a probability"),
      p("A threshold only says yes or no. Subtract it from the sum, that is, add a ", symbol("b", "bias b"), " = −threshold, and send the result ", symbol("s"), " through the ", symbol("sigma", "sigmoid σ"), ". Now ", symbol("p", "p = D(x)"), " is a probability: ½ exactly at the threshold, near 1 far above, near 0 far below. The same rule, but it can be a little wrong, and so it can learn."),
      this.plot.element,
      hint("Squares are faces, crosses are noise. The probabilities come from the engine, with your weights loaded into a discriminator of its own."),
    );
  }

  show() {
    const { world, isReady } = this.desk;
    if (world.version === this.version || !isReady) return;
    this.version = world.version;
    this.#fillChoice();
    this.threshold.value = String(world.threshold);
    this.thresholdText.textContent = fixed(world.threshold, 2);
    const pixels = [...world.faces, ...world.noise][this.picture];
    const terms = world.weights.map((weight, i) => `${signed(weight, 2)} × ${fixed(pixels[i], 2)}`).join("  ");
    const { sum, called } = scorecard(world)[this.picture];
    this.sum.replaceChildren(`${terms} = `, num(sum, 2), called ? ", more than the threshold: a face." : ", not more than the threshold: no face.");
    this.judge();
  }

  #fillChoice() {
    const { world } = this.desk;
    const names = namesOf(world);
    this.picture = Math.min(this.picture, names.length - 1);
    if (this.choice.options.length !== names.length) this.choice.replaceChildren(...names.map((name) => new Option(name)));
    this.choice.selectedIndex = this.picture;
  }

  async #judge() {
    const { world } = this.desk;
    const verdicts = scorecard(world);
    const samples = Float32Array.from(verdicts.flatMap(({ picture }) => picture));
    const answer = await this.desk.ask({ kind: "judge", parameters: handBuilt(world), samples, latents: new Float32Array(0) });
    if (!answer || verdicts.length !== world.faces.length + world.noise.length) return;
    const scores = [...answer.scores];
    this.drawing.show({ pixels: verdicts[this.picture].picture, weights: world.weights, bias: -world.threshold, score: scores[this.picture] });
    this.#showCard(verdicts, scores);
    const curve = Array.from({ length: 81 }, (_, i) => /** @type {[number, number]} */ ([i / 10 - 4, 1 / (1 + Math.exp(4 - i / 10))]));
    this.plot.show(
      { x: [-4, 4], y: [0, 1], xLabel: "s = sum − threshold", yLabel: "p = σ(s)" },
      [{ points: curve, className: "ink" }, { points: [[0, 0], [0, 1]], className: "soft dashed" }],
      verdicts.map(({ sum, isFace }, i) => ({ x: sum - world.threshold, y: scores[i], className: isFace ? "real" : "soft", shape: isFace ? "square" : "cross" })),
    );
  }

  /**
   * @param {import("../world.js").Verdict[]} verdicts
   * @param {number[]} scores
   */
  #showCard(verdicts, scores) {
    const { world } = this.desk;
    const names = namesOf(world);
    const called = (/** @type {boolean} */ isFace) => verdicts.filter((verdict) => verdict.isFace === isFace && verdict.called).length;
    const misses = verdicts.filter(({ miss }) => miss).length;
    const text = `Called a face: ${called(true)} of ${world.faces.length} faces and ${called(false)} of ${world.noise.length} noise pictures. ${misses === 1 ? "1 miss" : `${misses} misses`}.`;
    if (this.summary.textContent !== text) this.summary.textContent = text;
    this.rows.replaceChildren(...verdicts.map(({ picture, sum, called: isCalled, miss }, i) => el(
      "tr", miss ? { class: "miss" } : {},
      el("th", { scope: "row" }, el("span", { class: "named" }, tile(picture, names[i], "tiny"), names[i])),
      el("td", {}, num(sum, 2)), el("td", {}, isCalled ? "face" : "no face"), el("td", {}, num(scores[i], 3)), el("td", {}, miss ? "✗ miss" : "✓"),
    )));
  }
}

/**
 * @param {import("../world.js").World} world
 * @returns {string[]} of all pictures that are judged
 */
function namesOf({ builtIn, ownFaces, noise }) {
  return [...builtIn.map((_, i) => `Face ${i + 1}`), ...ownFaces.map((_, i) => `Your face ${i + 1}`), ...noise.map((_, i) => `Noise ${i + 1}`)];
}
