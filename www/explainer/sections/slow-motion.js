// One number goes downhill, so slowly that it can be followed: the error as a curve over that number, its slope here, the step it leads to.

import { button, el, hint, p } from "../../dom.js";
import { coalesced } from "../coalesced.js";
import { numbersOf, valueIn, withValue } from "../numbers.js";
import { fixed, num } from "../numerals.js";
import { symbol } from "../widgets/cards.js";
import { DescentPlot } from "../widgets/descent-plot.js";
import { amount, choice, field, rangeInput } from "../widgets/forms.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("../desk.js").Scene} Scene */

/** The numbers on offer. */
const OFFERED = [...numbersOf("discriminator"), ...numbersOf("generator")];
/** The curve reaches this far to both sides of the first value. */
const REACH = 4;
const POINTS = 65;
/** Time that a step takes on the screen, ms. */
const STEP_MS = 900;
/** Learning rates on the slider. */
const RATES = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** The gradient step of one number. */
export class SlowMotion {
  /** @type {() => void} computes and paints everything anew */
  #draw;

  /**
   * @param {Desk} desk
   * @param {() => Scene} scene what the error is computed with
   */
  constructor(desk, scene) {
    this.desk = desk;
    this.scene = scene;
    /** @type {number[]} values so far; the last is the present one */
    this.path = [];
    /** @type {[number, number][]} the error over the number */
    this.curve = [];
    this.choice = choice("slow-number", OFFERED.map(({ sign, network }) => `${sign} of ${network === "generator" ? "G" : "D"}`));
    this.choice.selectedIndex = 1; // Faces have no ink there, fakes have: a slope to see.
    this.choice.onchange = () => this.#restart();
    this.rateInput = rangeInput("slow-rate", { min: 0, max: RATES.length - 1, step: 1 }, 4);
    this.rateText = amount();
    this.rateInput.oninput = () => this.#draw();
    this.words = el("p", { "aria-live": "polite", class: "summary" });
    this.plot = new DescentPlot();
    this.#draw = coalesced(() => this.#lookAndPaint());
    this.element = el(
      "div", {},
      p(
        "Freeze all numbers but one. The error is then a curve over that number. Its slope ", symbol("slope"), " says which way is downhill; ",
        "gradient descent takes a step that way, the ", symbol("eta", "learning rate η"), " times the slope.",
      ),
      el(
        "div", { class: "side-by-side" }, this.plot.element,
        el(
          "div", { class: "controls" }, field(this.choice, "Number"), field(this.rateInput, "Learning rate η = ", this.rateText),
          el("div", { class: "buttons" }, button("One step downhill", () => void this.#step()), button("Back to the start", () => this.#restart())),
          this.words,
        ),
      ),
      hint(
        "Training uses η = 0.01, a hundredth of what the slider begins with, or you would not see it move. ",
        "Your GAN is not touched by this.",
      ),
    );
  }

  /** @param {boolean} isAnother whether the GAN has other numbers now: the way begins anew there */
  show(isAnother) {
    if (isAnother) this.path = [];
    this.#draw();
  }

  /** Goes on from the value that the number has in the GAN. */
  #restart() {
    this.path = [];
    this.#draw();
  }

  /** @returns {import("../numbers.js").ToyNumber} the chosen one */
  get #number() {
    return OFFERED[this.choice.selectedIndex];
  }

  /** @returns {number} */
  get #rate() {
    return RATES[Number(this.rateInput.value)];
  }

  /** @returns {import("../../protocol.d.ts").Values[]} the numbers that the error is computed with */
  get #held() {
    return this.scene().parameters ?? this.desk.held;
  }

  /**
   * @param {number} value that the number takes
   * @returns {Promise<{slope: number, error: number, value: number} | null>}
   */
  async #at(value) {
    const [number, held] = [this.#number, this.#held];
    if (held.length === 0) return null;
    const answer = await this.desk.derive({ ...this.scene(), parameters: withValue(held, number, value) });
    if (!answer) return null;
    const { gradients, record } = answer;
    if (number.network === "generator") return { value, slope: valueIn(gradients.generated, number), error: record.lossG ?? NaN };
    const slope = valueIn(gradients.real, number) + valueIn(gradients.fake, number);
    return { value, slope, error: (record.lossDReal ?? NaN) + (record.lossDFake ?? NaN) };
  }

  async #step() {
    const before = await this.#at(this.path.at(-1) ?? valueIn(this.#held, this.#number));
    if (!before) return;
    const to = before.value - this.#rate * before.slope;
    this.path.push(to);
    const after = await this.#at(to);
    this.words.replaceChildren(
      `${this.#number.sign} ← ${fixed(before.value, 3)} − ${this.#rate} × (${fixed(before.slope, 4)}) = `, num(to, 3),
      `. The error went from ${fixed(before.error, 4)} to ${fixed(after?.error ?? NaN, 4)}.`,
    );
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) await this.#glide(before.value, to);
    this.#draw();
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  async #glide(from, to) {
    const start = performance.now();
    for (let share = 0; share < 1;) {
      const now = await new Promise((resolve) => requestAnimationFrame(resolve));
      share = Math.min(1, (now - start) / STEP_MS);
      this.#paint(from + (to - from) * share * share * (3 - 2 * share), null);
    }
  }

  async #lookAndPaint() {
    this.rateText.textContent = String(this.#rate);
    if (!this.desk.isReady) return;
    const number = this.#number;
    if (this.path.length === 0) {
      this.path = [valueIn(this.#held, number)];
      this.words.replaceChildren();
    }
    const centre = this.path[0];
    const values = Float32Array.from({ length: POINTS }, (_, i) => centre - REACH + (2 * REACH * i) / (POINTS - 1));
    const { network, name, index } = number;
    const answer = await this.desk.ask({ kind: "sweep", ...this.scene(), network, name, index, values });
    const here = await this.#at(this.path.at(-1) ?? centre);
    if (!answer || !here) return;
    const errors = network === "generator" ? [...answer.generated] : [...answer.real].map((loss, i) => loss + answer.fake[i]);
    this.curve = Array.from(values, (value, i) => /** @type {[number, number]} */ ([value, errors[i]]));
    this.#paint(here.value, here);
  }

  /**
   * @param {number} value the present one
   * @param {{slope: number, error: number} | null} here null: the number is on its way
   */
  #paint(value, here) {
    this.plot.show({
      number: this.#number, curve: this.curve, past: this.path.slice(0, -1), value,
      here: here && { ...here, next: value - this.#rate * here.slope },
    });
  }
}
