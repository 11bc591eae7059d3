// The numbers of the toy, all thirteen, as tables that are laid out as its pictures are.

import { TOY_TENSORS } from "../../config/toy-numbers.js";
import { el, headerCell } from "../../dom.js";

/** @typedef {import("../../config/toy-numbers.js").ToyTensor} ToyTensor */
/** @typedef {import("../../../src/types.d.ts").NamedTensor} NamedTensor */
/** @typedef {import("../../../src/types.d.ts").SampleShape} SampleShape */

const ROWS = ["top", "bottom"];
const COLUMNS = ["left", "right"];

/** Tables of the weights and biases of both players. */
export class ParametersView {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {Map<string, HTMLElement[]>} cells by the key of their tensor */
    this.cells = new Map();
  }

  /**
   * @param {NamedTensor[]} tensors of the toy: of a generator z → pixels and a discriminator pixels → logit, one linear layer each
   * @param {SampleShape} shape
   */
  show(tensors, shape) {
    if (this.cells.size === 0) this.#build(shape);
    for (const { network, name, values } of tensors) {
      this.cells.get(keyOf({ network, name }))?.forEach((cell, i) => write(cell, values[i]));
    }
  }

  clear() {
    for (const cells of this.cells.values()) for (const cell of cells) cell.textContent = "–";
  }

  /** @param {SampleShape} shape */
  #build(shape) {
    this.element.replaceChildren(
      el("h3", {}, "The generator’s 8 numbers"),
      el("p", { class: "formula" }, "pixel = sigmoid(weight × z + bias)"),
      side(this.#table(TOY_TENSORS.v, "weight, times z", shape), this.#table(TOY_TENSORS.c, "bias", shape)),
      el("h3", {}, "The discriminator’s 5 numbers"),
      el("p", { class: "formula" }, "D(picture) = sigmoid(sum of weight × pixel, + bias)"),
      side(this.#table(TOY_TENSORS.w, "weight of the pixel", shape), this.#single(TOY_TENSORS.b, "bias")),
    );
  }

  /**
   * @param {ToyTensor} tensor
   * @param {string} caption
   * @param {SampleShape} shape
   * @returns {HTMLTableElement}
   */
  #table(tensor, caption, shape) {
    const columns = Array.from({ length: shape.width }, (_, x) => headerCell(COLUMNS[x] ?? String(x), "col"));
    const cells = Array.from({ length: shape.height }, () => columns.map(() => el("td")));
    this.#keep(tensor, cells.flat());
    return el("table", { class: "pixels" }, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, el("td"), ...columns)),
      el("tbody", {}, ...cells.map((line, y) => el("tr", {}, headerCell(ROWS[y] ?? String(y), "row"), ...line))),
    );
  }

  /**
   * @param {ToyTensor} tensor
   * @param {string} caption
   * @returns {HTMLTableElement}
   */
  #single(tensor, caption) {
    const cell = el("td");
    this.#keep(tensor, [cell]);
    return el("table", { class: "pixels single" }, el("caption", {}, caption), el("tbody", {}, el("tr", {}, cell)));
  }

  /**
   * @param {ToyTensor} tensor
   * @param {HTMLElement[]} cells
   */
  #keep(tensor, cells) {
    const key = keyOf(tensor);
    cells.forEach((cell, i) => {
      cell.dataset.parameter = `${key}.${i}`;
      cell.textContent = "–";
    });
    this.cells.set(key, cells);
  }
}

/**
 * @param {Pick<NamedTensor, "network" | "name">} tensor
 * @returns {string} "generator.0.weight"
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
