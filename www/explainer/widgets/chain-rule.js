// The chain rule with live numbers: three products of slopes, and for each number of a player its slope in three ways.

import { el, p } from "../../dom.js";
import { flat } from "../../config/toy-numbers.js";
import { numbersOf, thirteen } from "../numbers.js";
import { fixed, num } from "../numerals.js";
import { numberRow, scrollTable } from "./tables.js";

/** @typedef {import("../../protocol.d.ts").Derivation} Derivation */
/** @typedef {import("../../protocol.d.ts").Values} Values */
/** @typedef {{text: string, value: number}} Product */

/** Decimals that a difference quotient of f32 losses has. */
const QUOTIENT_DECIMALS = 4;

/** Three derivations: D learns from the face, D learns from the fake, G learns from the fake. */
export class ChainRule {
  constructor() {
    const table = (/** @type {string} */ name, /** @type {string} */ product) => {
      const body = el("tbody");
      return { body, chain: p(), element: scrollTable({ name, head: ["", product, "chain rule", "engine", "difference"], body, caption: "unseen" }) };
    };
    this.real = table("Slopes of D’s error on the face", "−(1 − p) · xᵢ");
    this.fake = table("Slopes of D’s error on the fake", "p′ · x′ᵢ");
    this.generated = table("Slopes of G’s error", "−(1 − p′) · wᵢ · x′ᵢ(1 − x′ᵢ) · z");
    this.gap = el("p", { class: "summary" });
    this.elements = [
      el("h4", {}, "D learns from the face"), this.real.chain, this.real.element,
      el("h4", {}, "D learns from the fake"), this.fake.chain, this.fake.element,
      el("h4", {}, "G learns from the same fake"), this.generated.chain, this.generated.element,
      this.gap,
    ];
  }

  /**
   * @param {Derivation} derivation
   * @param {readonly number[]} face
   * @param {number} z
   */
  show({ parameters, fake, record, gradients, differences }, face, z) {
    const [real, made] = [record.scoreReal ?? NaN, record.scoreFake ?? NaN];
    const { w } = thirteen(parameters);
    this.#showChains(real, made, z);
    const gaps = [
      fill(this.real.body, "discriminator", faceProducts(real, face), gradients.real, differences.real),
      fill(this.fake.body, "discriminator", fakeProducts(made, [...fake]), gradients.fake, differences.fake),
      fill(this.generated.body, "generator", generatorProducts(made, w, [...fake], z), gradients.generated, differences.generated),
    ];
    const largest = Math.max(...gaps);
    const shown = el("data", { value: String(largest) }, largest.toExponential(1));
    this.gap.replaceChildren("Largest gap between the engine’s slopes and the differences here: ", shown, ".");
  }

  /**
   * @param {number} real D's score of the face
   * @param {number} made D's score of the fake
   * @param {number} z
   */
  #showChains(real, made, z) {
    const [r, f] = [fixed(real, 4), fixed(made, 4)];
    this.real.chain.textContent = "∂L/∂wᵢ = ∂L/∂p · ∂p/∂s · ∂s/∂wᵢ = (−1/p) · p(1 − p) · xᵢ = −(1 − p) xᵢ, "
      + `now (−1/${r}) · ${r}(1 − ${r}) · xᵢ = ${fixed(real - 1, 4)} xᵢ. For b the last factor is 1.`;
    this.fake.chain.textContent = `∂L/∂wᵢ = 1/(1 − p′) · p′(1 − p′) · x′ᵢ = p′ x′ᵢ, now ${f} x′ᵢ. For b the last factor is 1.`;
    this.generated.chain.textContent = "∂L/∂vᵢ = (−1/p′) · p′(1 − p′) · wᵢ · x′ᵢ(1 − x′ᵢ) · z: through D’s sigmoid, D’s weight, G’s sigmoid, to z. "
      + `Now ${fixed(made - 1, 4)} · wᵢ · x′ᵢ(1 − x′ᵢ) · ${fixed(z, 2)}. For cᵢ the last factor is 1.`;
  }
}

/**
 * @param {number} real D's score of the face
 * @param {readonly number[]} face
 * @returns {Product[]} slopes of D's error on the face, by the chain rule
 */
function faceProducts(real, face) {
  return [...face, 1].map((x) => ({ text: `${fixed(real - 1, 4)} · ${fixed(x, 2)}`, value: (real - 1) * x }));
}

/**
 * @param {number} made D's score of the fake
 * @param {readonly number[]} fake
 * @returns {Product[]} slopes of D's error on the fake, by the chain rule
 */
function fakeProducts(made, fake) {
  return [...fake, 1].map((x) => ({ text: `${fixed(made, 4)} · ${fixed(x, 4)}`, value: made * x }));
}

/**
 * @param {number} made D's score of the fake
 * @param {readonly number[]} w D's weights
 * @param {readonly number[]} fake
 * @param {number} latent the z of the fake
 * @returns {Product[]} slopes of G's error, by the chain rule: along its weights, then along its biases
 */
function generatorProducts(made, w, fake, latent) {
  return [latent, 1].flatMap((z) => fake.map((x, i) => ({
    text: `${fixed(made - 1, 4)} · ${fixed(w[i], 4)} · ${fixed(x, 4)} · ${fixed(1 - x, 4)}${z === 1 ? "" : ` · ${fixed(z, 2)}`}`,
    value: (made - 1) * w[i] * x * (1 - x) * z,
  })));
}

/**
 * @param {HTMLElement} body of the table
 * @param {import("../../../src/types.d.ts").Role} role the player who learns
 * @param {readonly Product[]} products
 * @param {readonly Values[]} gradients by the engine
 * @param {readonly Values[]} differences
 * @returns {number} the largest gap between the last two
 */
function fill(body, role, products, gradients, differences) {
  const [engine, quotient] = [flat(gradients), flat(differences)];
  body.replaceChildren(...numbersOf(role).map(({ sign }, i) => {
    const row = numberRow(sign, products[i].text, num(products[i].value, 5), num(engine[i], 5), num(quotient[i], QUOTIENT_DECIMALS));
    row.cells[1].className = "product";
    return row;
  }));
  return Math.max(...engine.map((value, i) => Math.abs(value - quotient[i])));
}
