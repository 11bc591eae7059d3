// The epochs as a filmstrip: for each epoch its mean losses and, where there is one, its picture; the newest first.

import { el } from "../../dom.js";
import { KEPT_EPOCHS, KEPT_PICTURES } from "../epochs.js";
import { GridView } from "./grid.js";

/** @typedef {import("../../protocol.d.ts").EpochRow} EpochRow */
/** @typedef {import("../../../src/types.d.ts").SampleShape} SampleShape */
/** @typedef {import("../../protocol.d.ts").Mode["palette"]} Palette */

const COLUMNS = 4;
/** Columns of a picture with a sample or two of each class. */
const LABELLED_COLUMNS = 5;

/** @returns {string} what is kept, for people */
export function epochsHint() {
  const losses = `Mean losses over each pass of the images, newest first: of the last ${KEPT_EPOCHS} epochs.`;
  return `${losses} The first samples at its end: of the last ${KEPT_PICTURES} pictures, at most one each second.`;
}

/** A list of cards, one for each epoch. */
export class EpochsView {
  /** @param {HTMLOListElement} list */
  constructor(list) {
    this.list = list;
    /** @type {Map<EpochRow, HTMLElement>} */
    this.cards = new Map();
  }

  /**
   * @param {readonly EpochRow[]} rows oldest first
   * @param {SampleShape} shape
   * @param {Palette} palette
   * @param {boolean} labelled
   */
  show(rows, shape, palette, labelled) {
    const columns = labelled ? LABELLED_COLUMNS : COLUMNS;
    const cards = new Map(rows.map((row) => [row, this.cards.get(row) ?? card(row, shape, palette, columns)]));
    for (const [row, old] of this.cards) if (!cards.has(row)) old.remove();
    let before = /** @type {Element | null} */ (null);
    for (const current of cards.values()) {
      if (current.parentElement !== this.list) this.list.insertBefore(current, before);
      before = current;
    }
    this.cards = cards;
  }
}

/**
 * @param {EpochRow} row
 * @param {SampleShape} shape
 * @param {Palette} palette
 * @param {number} columns
 * @returns {HTMLElement}
 */
function card({ epoch, lossD, lossG, picture }, shape, palette, columns) {
  const item = el("li", { "data-epoch": String(epoch) });
  if (picture) {
    const canvas = el("canvas", { role: "img", "aria-label": `${picture.length / (shape.width * shape.height)} samples after epoch ${epoch}` });
    item.append(el("div", {}, canvas));
    new GridView(canvas).show(picture, shape, columns, palette);
  }
  item.append(
    el("strong", {}, `Epoch ${epoch}`),
    el("span", { class: "d" }, `D ${number(lossD)}`),
    el("span", { class: "g" }, `G ${number(lossG)}`),
  );
  return item;
}

/**
 * @param {number | null} value
 * @returns {string}
 */
function number(value) {
  return value === null ? "–" : value.toFixed(4);
}
