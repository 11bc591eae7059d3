// What both networks have become: G's pictures along z, D over the two diagonals, the way of the thirteen numbers, the errors.

import { Z_ROW } from "../chapters/chapter3.js";
import { coalesced, el, fixed, hint, num, p, svg } from "../dom.js";
import { Plot } from "./plots.js";
import { tile } from "./tiles.js";
import { diagonals } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("./plots.js").Dot} Dot */

/** Cells along each side of the map. */
const CELLS = 17;
/** Shortest time between two looks while it trains, ms. */
const EVERY_MS = 250;
const D_NAMES = ["w₁", "w₂", "w₃", "w₄", "b"];
const G_NAMES = ["v₁", "v₂", "v₃", "v₄", "c₁", "c₂", "c₃", "c₄"];
/** Which of them belong to the dark diagonal: drawn solid, the others dashed. */
const SOLID = ["w₁", "w₄", "v₁", "v₄", "c₁", "c₄"];

/** Views of the run as it is. */
export class Panorama {
  /** @type {unknown[]} */
  shown = [];

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.row = el("ul", { class: "gallery strip", "aria-label": "What G makes of z from 0 to 1" });
    this.map = new Plot("D over the two diagonals", 6);
    this.wayD = new Plot("The numbers of D over the steps", 30);
    this.wayG = new Plot("The numbers of G over the steps", 30);
    this.errors = new Plot("The errors over the steps", 60);
    this.wrong = el("input", { type: "checkbox", id: "notebook-plot" });
    this.why = el("div", { hidden: "" });
    this.wrong.onchange = () => {
      this.why.hidden = !this.wrong.checked;
      this.#showErrors();
    };
    this.why.append(p(
      "The notebook’s plot of D’s error is not the error. It hands the number z itself to the function that expects a fake of four pixels; z is then multiplied with each weight apart, and four errors are added up, beside four times the error on the face. So it shows −4 log D(x) − Σ log(1 − D(z in pixel i alone)), which is about three times as high and belongs to pictures that G never made. The training of the notebook is right; only its plot is not.",
    ));
    this.look = coalesced(() => this.#look());
    this.element = el(
      "div", {},
      el("h3", {}, "What G makes now"), this.row,
      el(
        "div", { class: "side-by-side" },
        el("div", {}, el("h3", {}, "What D believes"), this.map.element, hint("Every point is a picture with this much ink on the dark diagonal and on the other one. The bluer, the more D takes it for a face; on the line D says ½. Squares: faces. Crosses: noise. Circles: G’s pictures. D’s weights within a diagonal differ a little, and the map takes the same ink for both of its pixels.")),
        el("div", {}, el("h3", {}, "Errors"), this.errors.element, el("span", { class: "tick-line" }, this.wrong, el("label", { for: "notebook-plot" }, "also what the notebook plots")), this.why),
      ),
      el(
        "div", { class: "side-by-side" },
        el("div", {}, el("h3", {}, "The way of D’s numbers"), this.wayD.element),
        el("div", {}, el("h3", {}, "The way of G’s numbers"), this.wayG.element, hint("Solid: the dark diagonal. Dashed: the others.")),
      ),
    );
  }

  show() {
    const { world, run, isReady } = this.desk;
    if (!isReady || (this.shown[0] === world.version && this.shown[1] === run?.frame)) return;
    this.shown = [world.version, run?.frame];
    this.look();
  }

  async #look() {
    const { world, run } = this.desk;
    const grid = Array.from({ length: CELLS * CELLS }, (_, i) => {
      const [dark, light] = [(i % CELLS) / (CELLS - 1), Math.floor(i / CELLS) / (CELLS - 1)];
      return [dark, light, light, dark];
    });
    const latents = Float32Array.from(Z_ROW);
    const answer = await this.desk.ask({ kind: "judge", parameters: null, samples: Float32Array.from(grid.flat()), latents });
    if (!answer) return;
    const made = Z_ROW.map((_, i) => [...answer.samples.subarray(4 * i, 4 * i + 4)]);
    this.row.replaceChildren(...made.map((picture, i) => el(
      "li", {}, tile(picture, `G of z ${fixed(Z_ROW[i], 1)}`, "small"), el("span", {}, `z ${fixed(Z_ROW[i], 1)}`), el("span", {}, "D ", num(answer.sampleScores[i], 2)),
    )));
    this.#showMap([...answer.scores], made, world);
    this.#showWays();
    this.#showErrors();
    if (run?.phase === "training") await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }

  /**
   * @param {number[]} scores of the cells
   * @param {number[][]} made
   * @param {import("../world.js").World} world
   */
  #showMap(scores, made, world) {
    /** @type {import("./plots.js").Axes} */
    const axes = { x: [0, 1], y: [0, 1], xLabel: "ink on the dark diagonal", yLabel: "ink on the other diagonal" };
    const { x, y } = this.map.scales(axes);
    const step = 1 / (CELLS - 1);
    const cells = scores.map((score, i) => {
      const [left, bottom] = [(i % CELLS) * step, Math.floor(i / CELLS) * step];
      const [from, to] = [Math.max(0, left - step / 2), Math.min(1, left + step / 2)];
      const [low, high] = [Math.max(0, bottom - step / 2), Math.min(1, bottom + step / 2)];
      return svg("rect", { x: x(from), y: y(high), width: x(to) - x(from) + 0.3, height: y(low) - y(high) + 0.3, class: "cell", "fill-opacity": (0.75 * score).toFixed(3) });
    });
    /** @type {(picture: number[], className: string, shape: NonNullable<Dot["shape"]>) => Dot} */
    const dot = (picture, className, shape) => ({ x: diagonals(picture).dark, y: diagonals(picture).light, className, shape });
    this.map.show(axes, [{ points: halfLine(scores), className: "ink" }], [
      ...world.noise.map((picture) => dot(picture, "soft", "cross")), ...world.faces.map((picture) => dot(picture, "real", "square")), ...made.map((picture) => dot(picture, "g", "circle")),
    ], [...cells, ...corners(scores).map(({ right, top, score }) => svg(
      "text", { x: x(right) + (right ? -5 : 5), y: y(top) + (top ? 16 : -7), "text-anchor": right ? "end" : "start", class: "tick" }, fixed(score, 2),
    ))]);
    const corner = (/** @type {number} */ i) => fixed(scores[i], 2);
    this.map.describe(`D over the two diagonals: ${corner(CELLS - 1)} for ink on the dark diagonal only, ${corner(0)} for white, ${corner(CELLS * CELLS - 1)} for black, ${corner(CELLS * (CELLS - 1))} for ink on the other diagonal only`);
  }

  #showWays() {
    const trail = this.desk.run?.frame?.trail;
    if (!trail) return;
    const column = (/** @type {number} */ at) => Array.from(trail.step, (step, row) => /** @type {[number, number]} */ ([step, trail.values[row * trail.width + at]]));
    const names = [...G_NAMES, ...D_NAMES];
    const curves = names.map((label, at) => ({ label, points: column(at), className: `${at < G_NAMES.length ? "g" : "d"} thin ${SOLID.includes(label) ? "" : "dashed"}` }));
    const last = Math.max(20, trail.step.at(-1) ?? 0);
    for (const [plot, shown] of /** @type {const} */ ([[this.wayG, curves.slice(0, G_NAMES.length)], [this.wayD, curves.slice(G_NAMES.length)]])) {
      const all = shown.flatMap(({ points }) => points.map(([, value]) => value));
      const [low, high] = [Math.min(-1, ...all), Math.max(1, ...all)];
      plot.show({ x: [0, last], y: [low - 0.1, high + 0.1], xLabel: "step", yLabel: "value" }, shown);
    }
  }

  #showErrors() {
    const frame = this.desk.run?.frame;
    if (!frame) return;
    const { step, lossD, lossG } = frame.history;
    const of = (/** @type {Float32Array} */ losses) => Array.from(step, (at, i) => /** @type {[number, number]} */ ([at, losses[i]]));
    const curves = [{ points: of(lossD), className: "d thin", label: "L(D)" }, { points: of(lossG), className: "g thin dashed", label: "L(G)" }];
    const { trail } = frame;
    if (this.wrong.checked && trail) {
      const at = trail.width - 1;
      curves.push({ points: Array.from(trail.step, (where, row) => [where, trail.values[row * trail.width + at]]), className: "soft thin", label: "notebook" });
    }
    const highest = Math.max(2, ...curves.flatMap(({ points }) => points.map(([, value]) => (Number.isFinite(value) ? value : 0))));
    this.errors.show({ x: [0, Math.max(20, step.at(-1) ?? 0)], y: [0, highest * 1.05], xLabel: "step", yLabel: "error, nats" }, curves);
  }
}

/**
 * @param {readonly number[]} scores of the cells
 * @returns {{right: number, top: number, score: number}[]} those of the corners
 */
function corners(scores) {
  return [0, 1].flatMap((top) => [0, 1].map((right) => ({ right, top, score: scores[top * CELLS * (CELLS - 1) + right * (CELLS - 1)] })));
}

/**
 * @param {readonly number[]} scores of the cells, row by row from no ink on the other diagonal
 * @returns {[number, number][]} where D says ½, found between neighbouring cells
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
