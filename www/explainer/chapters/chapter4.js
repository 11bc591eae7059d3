// Chapter 4: the error, and how to reduce it. The curves of −log, one gradient step in slow motion, the chain rule with live numbers.

import { symbol } from "../widgets/cards.js";
import { coalesced, el, fixed, hint, num, p } from "../dom.js";
import { Plot } from "../widgets/plots.js";
import { SlowMotion } from "../widgets/slow-motion.js";
import { handBuilt, thirteen } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("../../protocol.d.ts").Derivation} Derivation */
/** @typedef {import("../../../src/types.d.ts").NamedTensor} NamedTensor */

/** Half of the distance over which differences are taken: 2⁻⁶, which f32 adds exactly enough. */
export const WIDTH = 1 / 64;
const D_SIGNS = ["w₁", "w₂", "w₃", "w₄", "b"];
const G_SIGNS = ["v₁", "v₂", "v₃", "v₄", "c₁", "c₂", "c₃", "c₄"];
/** Decimals that a difference quotient of f32 losses has. */
const HONEST = 4;

/** Errors and derivatives of the GAN of now, on one face and one z. */
export class ErrorAndSlope {
  title = "The error and how to reduce it";
  short = "The error";

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    const { world } = desk;
    /** @type {unknown[]} what was shown last */
    this.shown = [];
    this.z = 0.4;
    this.whose = el("select", { id: "slope-whose" }, el("option", {}, "Your GAN, as it is now"), el("option", {}, "The pair built by hand"));
    this.face = el("select", { id: "slope-face" });
    this.zInput = el("input", { id: "slope-z", type: "range", min: "0", max: "1", step: "0.01", value: "0.4" });
    this.zText = el("span", { class: "amount" });
    this.whose.onchange = () => world.touch();
    this.face.onchange = () => {
      world.chosenFace = this.face.selectedIndex;
      world.touch();
    };
    this.zInput.oninput = () => {
      this.z = Number(this.zInput.value);
      world.touch();
    };
    this.plot = new Plot("The error as a function of the probability");
    this.words = p();
    this.slow = new SlowMotion(desk, () => this.#state());
    this.tables = { real: el("tbody"), fake: el("tbody"), generated: el("tbody") };
    this.chains = { real: p(), fake: p(), generated: p() };
    this.gap = el("p", { class: "summary" });
    this.derive = coalesced(() => this.#derive());
    this.element = el("div", {}, ...this.#intro(), ...this.#chainRule());
  }

  /** @returns {HTMLElement[]} */
  #intro() {
    return [
      p("A probability that is wrong should cost something, and the more sure it was, the more. For a real face the error is −log D(x): nothing if ", symbol("p"), " = 1, without bound as it goes to 0. For a fake ", symbol("fake"), " D’s error is −log(1\u00a0−\u00a0D(x′)). G wants the opposite of the same fake: its error ", symbol("lossG"), " is −log\u00a0D(x′)."),
      el(
        "div", { class: "fields" },
        el("div", { class: "field" }, el("label", { for: "slope-whose" }, "Numbers"), this.whose),
        el("div", { class: "field" }, el("label", { for: "slope-face" }, "Face x"), this.face),
        el("div", { class: "field" }, el("label", { for: "slope-z" }, "z = ", this.zText), this.zInput),
      ),
      el("div", { class: "side-by-side" }, this.plot.element, el("div", { class: "controls" }, this.words)),
      el("h3", {}, "One step downhill, in slow motion"), this.slow.element,
    ];
  }

  /** @returns {HTMLElement[]} */
  #chainRule() {
    const table = (/** @type {string} */ name, /** @type {string} */ product, /** @type {HTMLElement} */ body) => el(
      "div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": name },
      el("table", { class: "slopes" }, el("caption", { class: "unseen" }, name), el("thead", {}, el("tr", {}, ...["", product, "chain rule", "engine", "difference"].map((text) => el("th", { scope: "col" }, text)))), body),
    );
    return [
      el("h3", {}, "The chain rule, with the numbers of now"),
      p("A weight changes the sum, the sum changes the probability, the probability changes the error. The slope of the whole is the product of the slopes on the way."),
      el("h4", {}, "D learns from the face"), this.chains.real,
      table("Slopes of D’s error on the face", "−(1 − p) · xᵢ", this.tables.real),
      el("h4", {}, "D learns from the fake"), this.chains.fake,
      table("Slopes of D’s error on the fake", "p′ · x′ᵢ", this.tables.fake),
      el("h4", {}, "G learns from the same fake"), this.chains.generated,
      table("Slopes of G’s error", "−(1 − p′) · wᵢ · x′ᵢ(1 − x′ᵢ) · z", this.tables.generated),
      this.gap,
      hint("“Chain rule” multiplies the numbers that are shown; “engine” is the backward pass that trains; “difference” evaluates the engine’s error at the number ± 1/64 and divides. The engine computes with f32, about 7 digits; divided by 1/32, four decimals of the difference are left that can be trusted, so four are shown."),
      hint("In the drawing that goes with Serrano’s notebook one factor of G’s chain is wrong: the slope of D’s sum along a pixel is that pixel’s weight wᵢ, as here. The notebook’s code has it right."),
    ];
  }

  /** @returns {{parameters: import("../../protocol.d.ts").Values[] | null, sample: Float32Array, latent: Float32Array}} */
  #state() {
    const { world } = this.desk;
    return { parameters: this.whose.selectedIndex === 1 ? handBuilt(world) : null, sample: Float32Array.from(world.face), latent: Float32Array.of(this.z) };
  }

  show() {
    const { desk } = this;
    const { world, run, isReady } = desk;
    if (!isReady || (this.shown[0] === world.version && this.shown[1] === run?.frame)) return;
    const otherNumbers = this.shown[1] !== run?.frame;
    this.shown = [world.version, run?.frame];
    const names = world.faces.map((face, i) => `${i + 1}: ${face.map((value) => fixed(value, 2)).join(", ")}`);
    if (this.face.options.length !== names.length) this.face.replaceChildren(...names.map((name) => new Option(name)));
    this.face.selectedIndex = Math.min(world.chosenFace, names.length - 1);
    this.zText.textContent = fixed(this.z, 2);
    this.derive();
    if (otherNumbers && run?.phase !== "paused") this.slow.path = [];
    this.slow.draw();
  }

  async #derive() {
    const answer = await this.desk.ask({ kind: "derive", ...this.#state(), width: WIDTH });
    if (!answer) return;
    this.#showCurves(answer);
    this.#showChains(answer);
  }

  /** @param {Derivation} answer */
  #showCurves({ record }) {
    const [face, fake] = [record.scoreReal ?? NaN, record.scoreFake ?? NaN];
    const along = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
    this.plot.show(
      { x: [0, 1], y: [0, 4], xLabel: "probability p", yLabel: "error" },
      [
        { points: along.map((x) => [x, -Math.log(x)]), className: "ink" },
        { points: along.map((x) => [x, -Math.log(1 - x)]), className: "soft dashed" },
      ],
      [
        { x: face, y: record.lossDReal ?? NaN, className: "d", shape: "square", label: "D on the face" },
        { x: fake, y: record.lossDFake ?? NaN, className: "d", label: "D on the fake" },
        { x: fake, y: record.lossG ?? NaN, className: "g", label: "G" },
      ],
    );
    this.plot.describe(`Solid: −log p. Dashed: −log(1 − p). D on the face: ${fixed(record.lossDReal ?? NaN, 4)}; D on the fake: ${fixed(record.lossDFake ?? NaN, 4)}; G: ${fixed(record.lossG ?? NaN, 4)}`);
    this.words.replaceChildren(
      "D(x) = ", num(face, 4), ", so D’s error on the face is −log ", fixed(face, 4), " = ", num(record.lossDReal ?? NaN, 4), ". ",
      "D(x′) = ", num(fake, 4), ": D’s error on the fake is −log(1 − ", fixed(fake, 4), ") = ", num(record.lossDFake ?? NaN, 4), ", and G’s is −log ", fixed(fake, 4), " = ", num(record.lossG ?? NaN, 4),
      ". Solid: −log p. Dashed: −log(1 − p).",
    );
  }

  /** @param {Derivation} answer */
  #showChains({ parameters, fake, record, gradients, differences }) {
    const [real, made] = [record.scoreReal ?? NaN, record.scoreFake ?? NaN];
    const { w } = thirteen(parameters);
    const { face } = this.desk.world;
    const [r, f] = [fixed(real, 4), fixed(made, 4)];
    this.chains.real.textContent = `∂L/∂wᵢ = ∂L/∂p · ∂p/∂s · ∂s/∂wᵢ = (−1/p) · p(1 − p) · xᵢ = −(1 − p) xᵢ, now (−1/${r}) · ${r}(1 − ${r}) · xᵢ = ${fixed(real - 1, 4)} xᵢ. For b the last factor is 1.`;
    this.chains.fake.textContent = `∂L/∂wᵢ = 1/(1 − p′) · p′(1 − p′) · x′ᵢ = p′ x′ᵢ, now ${f} x′ᵢ. For b the last factor is 1.`;
    this.chains.generated.textContent = `∂L/∂vᵢ = (−1/p′) · p′(1 − p′) · wᵢ · x′ᵢ(1 − x′ᵢ) · z: through D’s sigmoid, D’s weight, G’s sigmoid, to z. Now ${fixed(made - 1, 4)} · wᵢ · x′ᵢ(1 − x′ᵢ) · ${fixed(this.z, 2)}. For cᵢ the last factor is 1.`;
    const gaps = [
      fill(this.tables.real, D_SIGNS, [...face, 1].map((x) => ({ text: `${fixed(real - 1, 4)} · ${fixed(x, 2)}`, value: (real - 1) * x })), gradients.real, differences.real),
      fill(this.tables.fake, D_SIGNS, [...fake, 1].map((x) => ({ text: `${f} · ${fixed(x, 4)}`, value: made * x })), gradients.fake, differences.fake),
      fill(this.tables.generated, G_SIGNS, [this.z, 1].flatMap((z) => [...fake].map((x, i) => ({
        text: `${fixed(made - 1, 4)} · ${fixed(w[i], 4)} · ${fixed(x, 4)} · ${fixed(1 - x, 4)}${z === 1 ? "" : ` · ${fixed(z, 2)}`}`,
        value: (made - 1) * w[i] * x * (1 - x) * z,
      }))), gradients.generated, differences.generated),
    ];
    this.gap.replaceChildren("Largest gap between the engine’s slopes and the differences here: ", el("data", { value: String(Math.max(...gaps)) }, Math.max(...gaps).toExponential(1)), ".");
  }
}

/**
 * @param {HTMLElement} body
 * @param {readonly string[]} signs
 * @param {readonly {text: string, value: number}[]} products
 * @param {readonly NamedTensor[]} gradients
 * @param {readonly NamedTensor[]} differences
 * @returns {number} the largest gap between the last two
 */
function fill(body, signs, products, gradients, differences) {
  const [engine, quotient] = [gradients, differences].map((tensors) => tensors.flatMap(({ values }) => [...values]));
  body.replaceChildren(...signs.map((sign, i) => el(
    "tr", {},
    el("th", { scope: "row" }, sign), el("td", { class: "product" }, products[i].text),
    el("td", {}, num(products[i].value, 5)), el("td", {}, num(engine[i], 5)), el("td", {}, num(quotient[i], HONEST)),
  )));
  return Math.max(...engine.map((value, i) => Math.abs(value - quotient[i])));
}
