// All weights and biases of networks small enough to be read: one layer each, on pictures of a few pixels.

import { TOY_TENSORS } from "../../config/toy-numbers.js";
import { el, headerCell } from "../../dom.js";

/** @typedef {import("../../../src/types.d.ts").NamedTensor} NamedTensor */
/** @typedef {import("../../../src/types.d.ts").SampleShape} SampleShape */
/** @typedef {import("../../config/toy-numbers.js").Letter} Letter */

const ROWS = ["top", "bottom"];
const COLUMNS = ["left", "right"];

/** Tables of the numbers of both players, laid out as the picture is. */
export class ParametersView {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {Map<string, HTMLElement[]>} cells by network and tensor name */
    this.cells = new Map();
  }

  /**
   * @param {NamedTensor[]} tensors of a generator z → pixels and a discriminator pixels → logit, one linear layer each
   * @param {SampleShape} shape
   */
  show(tensors, shape) {
    if (this.cells.size === 0) this.#build(shape);
    for (const tensor of tensors) this.cells.get(keyOf(tensor))?.forEach((cell, i) => write(cell, tensor.values[i]));
  }

  clear() {
    for (const cells of this.cells.values()) for (const cell of cells) cell.textContent = "–";
  }

  /** @param {SampleShape} shape */
  #build(shape) {
    this.element.replaceChildren(
      el("h3", {}, "The generator’s 8 numbers"),
      el("p", { class: "formula" }, "pixel = sigmoid(weight × z + bias)"),
      side(this.#table("v", "weight, times z", shape), this.#table("c", "bias", shape)),
      el("h3", {}, "The discriminator’s 5 numbers"),
      el("p", { class: "formula" }, "D(picture) = sigmoid(sum of weight × pixel, + bias)"),
      side(this.#table("w", "weight of the pixel", shape), this.#single("b", "bias")),
    );
  }

  /**
   * @param {Letter} letter
   * @param {string} caption
   * @param {SampleShape} shape
   * @returns {HTMLTableElement}
   */
  #table(letter, caption, shape) {
    const columns = Array.from({ length: shape.width }, (_, x) => headerCell(COLUMNS[x] ?? String(x), "col"));
    const cells = Array.from({ length: shape.height }, () => columns.map(() => el("td")));
    this.#keep(letter, cells.flat());
    return el("table", { class: "pixels" }, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, el("td"), ...columns)),
      el("tbody", {}, ...cells.map((line, y) => el("tr", {}, headerCell(ROWS[y] ?? String(y), "row"), ...line))),
    );
  }

  /**
   * @param {Letter} letter
   * @param {string} caption
   * @returns {HTMLTableElement}
   */
  #single(letter, caption) {
    const cell = el("td");
    this.#keep(letter, [cell]);
    return el("table", { class: "pixels single" }, el("caption", {}, caption), el("tbody", {}, el("tr", {}, cell)));
  }

  /**
   * @param {Letter} letter
   * @param {HTMLElement[]} cells
   */
  #keep(letter, cells) {
    const key = keyOf(TOY_TENSORS[letter]);
    cells.forEach((cell, i) => {
      cell.dataset.parameter = `${key}.${i}`;
      cell.textContent = "–";
    });
    this.cells.set(key, cells);
  }
}

/**
 * @param {{network: string, name: string}} tensor
 * @returns {string}
 */
function keyOf({ network, name }) {
  return `${network}.${name}`;
}

/**
 * @param {HTMLElement} cell
 * @param {number} value
 */
function write(cell, value) {
  cell.textContent = value.toFixed(3);
  cell.classList.toggle("negative", value < 0);
}

/**
 * @param {...HTMLElement} tables
 * @returns {HTMLElement} both side by side
 */
function side(...tables) {
  return el("div", { class: "tables" }, ...tables);
}
