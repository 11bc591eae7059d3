// One number goes downhill, so slowly that it can be followed: the error as a curve over that number, its slope here, the step it leads to.

import { symbol } from "./cards.js";
import { button, coalesced, el, fixed, hint, num, p } from "../dom.js";
import { Plot } from "./plots.js";
import { thirteen } from "../world.js";

/** @typedef {import("../../protocol.d.ts").Values} Values */
/** @typedef {import("../desk.js").Desk} Desk */

/**
 * A number that may go downhill, and where it lies.
 * @type {{sign: string, network: "generator" | "discriminator", name: string, index: number}[]}
 */
const NUMBERS = [
  ...["w₁", "w₂", "w₃", "w₄"].map((sign, index) => ({ sign, network: /** @type {const} */ ("discriminator"), name: "0.weight", index })),
  { sign: "b", network: "discriminator", name: "0.bias", index: 0 },
  ...["v₁", "v₂", "v₃", "v₄"].map((sign, index) => ({ sign, network: /** @type {const} */ ("generator"), name: "0.weight", index })),
  ...["c₁", "c₂", "c₃", "c₄"].map((sign, index) => ({ sign, network: /** @type {const} */ ("generator"), name: "0.bias", index })),
];
/** The curve reaches this far to both sides of the first value. */
const REACH = 4;
const POINTS = 65;
/** Time of one step on the screen, ms. */
const STEP_MS = 900;
/** Learning rates on the slider. */
const RATES = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** The gradient step of one number. */
export class SlowMotion {
  /**
   * @param {Desk} desk
   * @param {() => {parameters: Values[] | null, sample: Float32Array, latent: Float32Array}} state what the error is computed with
   */
  constructor(desk, state) {
    this.desk = desk;
    this.state = state;
    /** @type {number[]} values so far; the last is the one of now */
    this.path = [];
    /** @type {[number, number][]} the error over the number */
    this.curve = [];
    this.number = el("select", { id: "slow-number" }, ...NUMBERS.map(({ sign, network }) => el("option", {}, `${sign} of ${network === "generator" ? "G" : "D"}`)));
    this.number.selectedIndex = 1; // Faces have no ink there, fakes have: a slope to see.
    this.number.onchange = () => this.restart();
    this.rate = el("input", { id: "slow-rate", type: "range", min: "0", max: String(RATES.length - 1), step: "1", value: "4" });
    this.rateText = el("span", { class: "amount" });
    this.rate.oninput = () => this.draw();
    this.words = el("p", { "aria-live": "polite", class: "summary" });
    this.plot = new Plot("The error over one number");
    this.draw = coalesced(() => this.#draw());
    this.element = el(
      "div", {},
      p("Freeze all numbers but one. The error is then a curve over that number. Its slope ", symbol("slope"), " says which way is downhill; gradient descent takes a step that way, the ", symbol("eta", "learning rate η"), " times the slope."),
      el(
        "div", { class: "side-by-side" }, this.plot.element,
        el(
          "div", { class: "controls" },
          el("div", { class: "field" }, el("label", { for: "slow-number" }, "Number"), this.number),
          el("div", { class: "field" }, el("label", { for: "slow-rate" }, "Learning rate η = ", this.rateText), this.rate),
          el("div", { class: "buttons" }, button("One step downhill", () => void this.#step()), button("Back to the start", () => this.restart())),
          this.words,
        ),
      ),
      hint("Training uses η = 0.01, a hundredth of what the slider begins with, or you would not see it move. Your GAN is not touched by this."),
    );
  }

  /** From the number's present value. */
  restart() {
    this.path = [];
    this.draw();
  }

  /** @returns {number} */
  get #rate() {
    return RATES[Number(this.rate.value)];
  }

  /**
   * @param {number} value that the number takes
   * @returns {Promise<{slope: number, error: number, value: number} | null>}
   */
  async #at(value) {
    const { network, name, index } = NUMBERS[this.number.selectedIndex];
    const { parameters, sample, latent } = this.state();
    const held = parameters ?? this.desk.run?.frame?.parameters;
    if (!held) return null;
    const moved = held.map((tensor) => {
      if (tensor.network !== network || tensor.name !== name) return tensor;
      const values = tensor.values.slice();
      values[index] = value;
      return { ...tensor, values };
    });
    const answer = await this.desk.ask({ kind: "derive", parameters: moved, sample, latent, width: 1 / 64 });
    if (!answer) return null;
    const of = (/** @type {Values[]} */ tensors) => tensors.find((tensor) => tensor.name === name)?.values[index] ?? NaN;
    const { gradients, record } = answer;
    if (network === "generator") return { value, slope: of(gradients.generated), error: record.lossG ?? NaN };
    return { value, slope: of(gradients.real) + of(gradients.fake), error: (record.lossDReal ?? NaN) + (record.lossDFake ?? NaN) };
  }

  /** @returns {number} the chosen number as it is held now */
  #held() {
    const { parameters } = this.state();
    const { v, c, w, b } = thirteen(parameters ?? this.desk.run?.frame?.parameters ?? []);
    return [...w, b, ...v, ...c][this.number.selectedIndex];
  }

  async #step() {
    const before = await this.#at(this.path.at(-1) ?? this.#held());
    if (!before) return;
    const to = before.value - this.#rate * before.slope;
    this.path.push(to);
    const after = await this.#at(to);
    const sign = NUMBERS[this.number.selectedIndex].sign;
    this.words.replaceChildren(
      `${sign} ← ${fixed(before.value, 3)} − ${this.#rate} × (${fixed(before.slope, 4)}) = `, num(to, 3),
      `. The error went from ${fixed(before.error, 4)} to ${fixed(after?.error ?? NaN, 4)}.`,
    );
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) await this.#glide(before.value, to);
    this.draw();
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

  async #draw() {
    this.rateText.textContent = String(this.#rate);
    if (!this.desk.isReady) return;
    if (this.path.length === 0) {
      this.path = [this.#held()];
      this.words.replaceChildren();
    }
    const { network, name, index } = NUMBERS[this.number.selectedIndex];
    const centre = this.path[0];
    const values = Float32Array.from({ length: POINTS }, (_, i) => centre - REACH + (2 * REACH * i) / (POINTS - 1));
    const answer = await this.desk.ask({ kind: "sweep", ...this.state(), network, name, index, values });
    const here = await this.#at(this.path.at(-1) ?? centre);
    if (!answer || !here) return;
    const errors = network === "generator" ? [...answer.generated] : [...answer.real].map((loss, i) => loss + answer.fake[i]);
    this.curve = Array.from(values, (value, i) => /** @type {[number, number]} */ ([value, errors[i]]));
    this.#paint(here.value, here);
  }

  /**
   * @param {number} value of now
   * @param {{slope: number, error: number} | null} here null: on the way
   */
  #paint(value, here) {
    const { curve } = this;
    const { sign, network } = NUMBERS[this.number.selectedIndex];
    const heights = curve.map(([, error]) => error);
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    const room = Math.max(0.1, 0.12 * (high - low));
    const colour = network === "generator" ? "g" : "d";
    const tangent = here ? [-1, 1].map((by) => /** @type {[number, number]} */ ([value + by, here.error + by * here.slope])) : [];
    const next = here ? value - this.#rate * here.slope : null;
    this.plot.show(
      { x: [curve[0]?.[0] ?? 0, curve.at(-1)?.[0] ?? 1], y: [Math.max(0, low - room), high + room], xLabel: sign, yLabel: network === "generator" ? "L(G)" : "L(D)" },
      [{ points: curve, className: colour }, { points: tangent, className: "ink" }],
      [
        ...this.path.slice(0, -1).map((at) => ({ x: at, y: heightAt(curve, at), className: "soft" })),
        ...(next === null ? [] : [{ x: next, y: heightAt(curve, next), className: "hollow" }]),
        { x: value, y: here?.error ?? heightAt(curve, value), className: colour, label: here ? `slope ${fixed(here.slope, 3)}` : "" },
      ],
    );
    if (here) this.plot.describe(`The error over ${sign}: at ${fixed(value, 3)} it is ${fixed(here.error, 4)}, with slope ${fixed(here.slope, 4)}`);
  }
}

/**
 * @param {readonly (readonly [number, number])[]} curve
 * @param {number} x
 * @returns {number} between two of its points
 */
function heightAt(curve, x) {
  if (curve.length < 2) return NaN;
  const step = curve[1][0] - curve[0][0];
  const at = Math.min(curve.length - 2, Math.max(0, Math.floor((x - curve[0][0]) / step)));
  const share = Math.min(1, Math.max(0, (x - curve[at][0]) / step));
  return curve[at][1] + (curve[at + 1][1] - curve[at][1]) * share;
}
