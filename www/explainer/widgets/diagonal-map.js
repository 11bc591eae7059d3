// D over the two diagonals: a map whose points are pictures with so much ink on the dark diagonal and so much on the other one.

import { fixed } from "../numerals.js";
import { diagonals } from "../pictures.js";
import { svg } from "../svg.js";
import { Plot } from "./plots.js";

/** @typedef {import("./plots.js").Dot} Dot */

/** Cells along each side of the map. */
const CELLS = 17;

/** @type {import("./plots.js").Axes} */
const AXES = { x: [0, 1], y: [0, 1], xLabel: "ink on the dark diagonal", yLabel: "ink on the other diagonal" };

/**
 * The picture in the middle of each cell, row by row from no ink on the other diagonal.
 * @type {number[][]}
 */
export const MAP_PICTURES = Array.from({ length: CELLS * CELLS }, (_, i) => {
  const [dark, light] = [(i % CELLS) / (CELLS - 1), Math.floor(i / CELLS) / (CELLS - 1)];
  return [dark, light, light, dark];
});

/** A plot of D's scores, with pictures laid on it. */
export class DiagonalMap {
  constructor() {
    this.plot = new Plot("D over the two diagonals", 6);
    this.element = this.plot.element;
  }

  /**
   * @param {readonly number[]} scores of the map's pictures
   * @param {{faces: number[][], noise: number[][], made: number[][]}} pictures to lay on the map
   */
  show(scores, { faces, noise, made }) {
    const dots = [...dotsOf(noise, "soft", "cross"), ...dotsOf(faces, "real", "square"), ...dotsOf(made, "g", "circle")];
    this.plot.show(AXES, [{ points: halfLine(scores), className: "ink" }], dots, [...this.#cells(scores), ...this.#cornerTexts(scores)]);
    const [white, dark, light, black] = corners(scores).map(({ score }) => fixed(score, 2));
    const said = `${dark} for ink on the dark diagonal only, ${white} for white, ${black} for black, ${light} for ink on the other diagonal only`;
    this.plot.describe(`D over the two diagonals: ${said}`);
  }

  /**
   * @param {readonly number[]} scores
   * @returns {Element[]} a rectangle for each cell, the bluer the higher its score
   */
  #cells(scores) {
    const { x, y } = this.plot.scales(AXES);
    const step = 1 / (CELLS - 1);
    return scores.map((score, i) => {
      const [left, bottom] = [(i % CELLS) * step, Math.floor(i / CELLS) * step];
      const [from, to] = [Math.max(0, left - step / 2), Math.min(1, left + step / 2)];
      const [low, high] = [Math.max(0, bottom - step / 2), Math.min(1, bottom + step / 2)];
      // A little more than the cell, so that no line of paper shows between two of them.
      const size = { width: x(to) - x(from) + 0.3, height: y(low) - y(high) + 0.3 };
      return svg("rect", { x: x(from), y: y(high), ...size, class: "cell", "fill-opacity": (0.75 * score).toFixed(3) });
    });
  }

  /**
   * @param {readonly number[]} scores
   * @returns {Element[]} the scores of the corners, as texts in them
   */
  #cornerTexts(scores) {
    const { x, y } = this.plot.scales(AXES);
    return corners(scores).map(({ right, top, score }) => {
      const place = { x: x(right) + (right ? -5 : 5), y: y(top) + (top ? 16 : -7), "text-anchor": right ? "end" : "start" };
      return svg("text", { ...place, class: "tick" }, fixed(score, 2));
    });
  }
}

/**
 * @param {readonly number[][]} pictures
 * @param {string} className
 * @param {NonNullable<Dot["shape"]>} shape
 * @returns {Dot[]} where they lie on the map
 */
function dotsOf(pictures, className, shape) {
  return pictures.map(diagonals).map(({ dark, light }) => ({ x: dark, y: light, className, shape }));
}

/**
 * @param {readonly number[]} scores of the cells
 * @returns {{right: number, top: number, score: number}[]} the four corners: white, ink on the dark diagonal, ink on the other, black
 */
function corners(scores) {
  return [0, 1].flatMap((top) => [0, 1].map((right) => ({ right, top, score: scores[top * CELLS * (CELLS - 1) + right * (CELLS - 1)] })));
}

/**
 * @param {readonly number[]} scores of the cells of a square map, row by row from the bottom
 * @returns {[number, number][]} points where D says ½, found between neighbouring cells
 */
export function halfLine(scores) {
  const size = Math.round(Math.sqrt(scores.length));
  const logit = scores.map((score) => Math.log(score / (1 - score)));
  /** @type {[number, number][]} */
  const found = [];
  /**
   * @param {number} a index of a cell
   * @param {number} b index of its neighbour
   */
  const cross = (a, b) => {
    if (logit[a] < 0 === logit[b] < 0) return;
    const share = logit[a] / (logit[a] - logit[b]);
    const at = (/** @type {number} */ i) => [(i % size) / (size - 1), Math.floor(i / size) / (size - 1)];
    const [[xa, ya], [xb, yb]] = [at(a), at(b)];
    found.push([xa + (xb - xa) * share, ya + (yb - ya) * share]);
  };
  for (let i = 0; i < scores.length; i++) {
    if (i % size < size - 1) cross(i, i + 1);
    if (i + size < scores.length) cross(i, i + size);
  }
  return found.sort((p1, p2) => p1[0] + p1[1] * 1e-3 - p2[0] - p2[1] * 1e-3);
}
