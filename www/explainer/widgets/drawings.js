// The two networks as drawings: a line for each weight, thick if it is large, dashed if it is negative, with its number on it.

import { el } from "../../dom.js";
import { SIGNS } from "../numbers.js";
import { fixed, signed } from "../numerals.js";
import { PIXELS } from "../pictures.js";
import { svg } from "../svg.js";
import { makeSlider } from "./sliders.js";
import { inkOf, WHITE_TEXT_FROM } from "./tiles.js";

/** Values that a number may be dragged to. */
const WEIGHT_RANGE = { min: -4, max: 4, step: 0.1 };

const SIZE = { width: 380, height: 268 };
/** Centres of the four pixels, from top to bottom. */
const ROWS = [30, 98, 166, 234];
const MIDDLE = 132;
const CHIP = { width: 88, height: 27 };

/**
 * Functions that are called when a number is dragged or moved by keys.
 * @typedef {object} Edit
 * @property {(index: number, value: number) => void} weight
 * @property {(index: number, value: number) => void} bias
 */

/**
 * A picture and the score that D gives it.
 * @typedef {object} Judgement
 * @property {ArrayLike<number> | null} pixels null: there is no picture
 * @property {readonly number[]} weights
 * @property {number} bias
 * @property {number | null} score null: the picture was not judged
 */

/**
 * A z and the picture that G makes of it.
 * @typedef {object} Making
 * @property {number} z
 * @property {readonly number[]} weights
 * @property {readonly number[]} biases
 * @property {ArrayLike<number> | null} pixels null: G has not made a picture yet
 */

/** A number on a line: to read, or to drag. */
class Chip {
  /**
   * @param {string} sign e.g. "w₁"
   * @param {string} label what the number is, for those who cannot see it
   * @param {number} x of the chip's middle
   * @param {number} y
   * @param {((value: number) => void) | null} onDrag null: the number is only to be read
   */
  constructor(sign, label, x, y, onDrag) {
    this.sign = sign;
    this.value = 0;
    this.text = svg("text", { x, y: y + 4.5, "text-anchor": "middle" });
    const box = svg("rect", { x: x - CHIP.width / 2, y: y - CHIP.height / 2, ...CHIP, rx: 4 });
    this.element = svg("g", { class: "chip" }, box, this.text);
    this.refresh = onDrag
      ? makeSlider(this.element, {
        label, ...WEIGHT_RANGE, get: () => this.value,
        set: (value) => {
          this.value = value; // At once: the next key may come before the drawing does.
          onDrag(value);
        },
      })
      : () => this.element.setAttribute("aria-label", `${label} ${fixed(this.value, 3)}`);
    if (!onDrag) this.element.setAttribute("role", "img");
  }

  /** @param {number} value */
  show(value) {
    this.value = value;
    this.text.textContent = `${this.sign} ${signed(value, 2)}`;
    this.element.classList.toggle("minus", value < 0);
    this.refresh();
  }

  /** @param {readonly string[]} signs of the numbers that have just moved */
  mark(signs) {
    this.element.classList.toggle("moved", signs.includes(this.sign));
  }
}

/**
 * @param {SVGLineElement} line
 * @param {number} weight
 */
function weigh(line, weight) {
  line.setAttribute("stroke-width", String(0.75 + Math.min(5, 1.6 * Math.abs(weight))));
  line.classList.toggle("minus", weight < 0);
}

/**
 * @param {number} x of the left edge
 * @param {number} y of the middle
 * @returns {{element: SVGGElement, show: (value: number) => void}} one pixel with its value
 */
function pixelNode(x, y) {
  const box = svg("rect", { x, y: y - 20, width: 44, height: 40, class: "pixel" });
  const text = svg("text", { x: x + 22, y: y + 5, "text-anchor": "middle", class: "on-paper" });
  return {
    element: svg("g", {}, box, text),
    show(value) {
      box.setAttribute("fill", Number.isFinite(value) ? inkOf(value) : "none");
      text.classList.toggle("on-paper", Number.isFinite(value));
      text.textContent = fixed(value, 2);
      text.classList.toggle("on-ink", value > WHITE_TEXT_FROM);
    },
  };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} sign
 * @returns {SVGGElement}
 */
function node(x, y, sign) {
  return svg("g", { class: "node" }, svg("circle", { cx: x, cy: y, r: 20 }), svg("text", { x, y: y + 6, "text-anchor": "middle" }, sign));
}

/**
 * @param {string} name
 * @param {...SVGElement} drawn
 * @returns {SVGSVGElement}
 */
function frame(name, ...drawn) {
  return svg("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, class: "network", role: "group", "aria-label": name }, ...drawn);
}

/** D: four pixels, four weights, a sum with a bias, a sigmoid. */
export class DiscriminatorDrawing {
  /**
   * @param {Edit | null} edit null: the drawing is only to be looked at
   * @param {string} [name]
   */
  constructor(edit, name = "The discriminator") {
    this.pixels = ROWS.map((y) => pixelNode(2, y));
    this.lines = ROWS.map((y) => svg("line", { x1: 46, y1: y, x2: 244, y2: MIDDLE, class: "weight" }));
    this.weights = ROWS.map((y, i) => (
      new Chip(SIGNS.w[i], `Weight of ${PIXELS[i]}`, 134, y + (MIDDLE - y) * 0.44, edit && ((value) => edit.weight(i, value)))
    ));
    this.bias = new Chip(SIGNS.b[0], "Bias of the discriminator", 284, 44, edit && ((value) => edit.bias(0, value)));
    this.biasLine = svg("line", { x1: 264, y1: 56, x2: 264, y2: 112, class: "weight" });
    this.logit = svg("text", { x: 264, y: MIDDLE + 42, "text-anchor": "middle", class: "value" });
    this.score = svg("text", { x: 350, y: MIDDLE + 42, "text-anchor": "middle", class: "value strong" });
    this.element = frame(
      name, ...this.lines, this.biasLine, svg("line", { x1: 284, y1: MIDDLE, x2: 330, y2: MIDDLE, class: "wire" }),
      ...this.pixels.map((pixel) => pixel.element), ...this.weights.map((chip) => chip.element), this.bias.element,
      node(264, MIDDLE, "+"), node(350, MIDDLE, "σ"), this.logit, this.score,
    );
  }

  /** @param {Judgement} judgement */
  show({ pixels, weights, bias, score }) {
    this.pixels.forEach((pixel, i) => pixel.show(pixels ? pixels[i] : NaN));
    this.lines.forEach((line, i) => weigh(line, weights[i]));
    this.weights.forEach((chip, i) => chip.show(weights[i]));
    this.bias.show(bias);
    weigh(this.biasLine, bias);
    // A picture that was merely laid before D has no sum yet.
    const logit = pixels && score !== null ? weights.reduce((sum, weight, i) => sum + weight * pixels[i], bias) : NaN;
    this.logit.textContent = Number.isFinite(logit) ? signed(logit, 2) : "";
    this.score.textContent = score === null ? "" : fixed(score, 3);
  }
}

/**
 * Marks the numbers of a drawing that have just moved.
 * @param {DiscriminatorDrawing | GeneratorDrawing} drawing
 * @param {readonly string[]} signs
 */
export function markMoved(drawing, signs) {
  const biases = drawing instanceof GeneratorDrawing ? drawing.biases : [drawing.bias];
  for (const chip of [...drawing.weights, ...biases]) chip.mark(signs);
}

/** G: one z, and a weight, a bias and a sigmoid for each of the four pixels. */
export class GeneratorDrawing {
  /**
   * @param {Edit | null} edit null: the drawing is only to be looked at
   * @param {string} [name]
   */
  constructor(edit, name = "The generator") {
    this.lines = ROWS.map((y) => svg("line", { x1: 42, y1: MIDDLE, x2: 190, y2: y, class: "weight" }));
    this.weights = ROWS.map((y, i) => (
      new Chip(SIGNS.v[i], `Weight to ${PIXELS[i]}`, 132, MIDDLE + (y - MIDDLE) * 0.62, edit && ((value) => edit.weight(i, value)))
    ));
    this.pixels = ROWS.map((y) => pixelNode(238, y));
    this.biases = ROWS.map((y, i) => new Chip(SIGNS.c[i], `Bias of ${PIXELS[i]}`, 334, y, edit && ((value) => edit.bias(i, value))));
    this.z = svg("text", { x: 22, y: MIDDLE + 42, "text-anchor": "middle", class: "value" });
    const wire = (/** @type {number} */ y, /** @type {number} */ from, /** @type {number} */ to) => (
      svg("line", { x1: from, y1: y, x2: to, y2: y, class: "wire" })
    );
    const sigmoids = ROWS.flatMap((y) => [
      wire(y, 190, 238), svg("circle", { cx: 208, cy: y, r: 13, class: "small-node" }), svg("text", { x: 208, y: y + 5, "text-anchor": "middle" }, "σ"),
    ]);
    this.element = frame(
      name, ...this.lines, ...sigmoids, ...ROWS.map((y) => wire(y, 282, 290)), node(22, MIDDLE, "z"), this.z,
      ...this.pixels.map((pixel) => pixel.element), ...this.weights.map((chip) => chip.element), ...this.biases.map((chip) => chip.element),
    );
  }

  /** @param {Making} making */
  show({ z, weights, biases, pixels }) {
    this.z.textContent = fixed(z, 2);
    this.lines.forEach((line, i) => weigh(line, weights[i]));
    this.weights.forEach((chip, i) => chip.show(weights[i]));
    this.biases.forEach((chip, i) => chip.show(biases[i]));
    this.pixels.forEach((pixel, i) => pixel.show(pixels ? pixels[i] : NaN));
  }
}

/** @returns {HTMLElement} how to read the lines */
export function lineLegend() {
  const [plus, minus] = [el("span", { class: "plus-line" }, "plus"), el("span", { class: "minus-line" }, "minus, dashed")];
  return el("p", { class: "hint line-legend" }, plus, minus, "the thicker, the larger");
}
