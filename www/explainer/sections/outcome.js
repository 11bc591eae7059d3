// What training has made of both networks: G's pictures along z, D over the two diagonals, the errors, the way of the thirteen numbers.

import { el, hint } from "../../dom.js";
import { coalesced } from "../coalesced.js";
import { fixed, num } from "../numerals.js";
import { picturesOf, Z_ROW } from "../pictures.js";
import { DiagonalMap, MAP_PICTURES } from "../widgets/diagonal-map.js";
import { ErrorCurves } from "../widgets/error-curves.js";
import { NumberPaths } from "../widgets/number-paths.js";
import { stripItem, tile } from "../widgets/tiles.js";

/** @typedef {import("../desk.js").Desk} Desk */

/** Shortest time between two looks while it trains, ms. */
const EVERY_MS = 250;

/** Views of the run as it is. */
export class Outcome {
  /** The version of the learner's world and the frame that were drawn last. */
  #shown = { version: -1, frame: /** @type {unknown} */ (null) };

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.row = el("ul", { class: "gallery strip", "aria-label": "What G makes of z from 0 to 1" });
    this.map = new DiagonalMap();
    this.errors = new ErrorCurves();
    this.pathsD = new NumberPaths("discriminator");
    this.pathsG = new NumberPaths("generator");
    this.look = coalesced(() => this.#look());
    this.element = el(
      "div", {},
      el("h3", {}, "What G makes now"), this.row,
      el(
        "div", { class: "side-by-side" },
        el("div", {}, el("h3", {}, "What D believes"), this.map.element, hint(
          "Every point is a picture with this much ink on the dark diagonal and on the other one. The bluer, the more D takes it for a face; ",
          "on the line D says ½. Squares: faces. Crosses: noise. Circles: G’s pictures. D’s weights within a diagonal differ a little, ",
          "and the map takes the same ink for both of its pixels.",
        )),
        el("div", {}, el("h3", {}, "Errors"), ...this.errors.elements),
      ),
      el(
        "div", { class: "side-by-side" },
        el("div", {}, el("h3", {}, "The way of D’s numbers"), this.pathsD.element),
        el("div", {}, el("h3", {}, "The way of G’s numbers"), this.pathsG.element, hint("Solid: the dark diagonal. Dashed: the others.")),
      ),
    );
  }

  show() {
    const { world, run, isReady } = this.desk;
    const frame = run?.frame ?? null;
    if (!isReady || (this.#shown.version === world.version && this.#shown.frame === frame)) return;
    this.#shown = { version: world.version, frame };
    this.look();
  }

  async #look() {
    const { world, run } = this.desk;
    const [samples, latents] = [Float32Array.from(MAP_PICTURES.flat()), Float32Array.from(Z_ROW)];
    const answer = await this.desk.ask({ kind: "judge", parameters: null, samples, latents });
    if (!answer) return;
    const made = picturesOf(answer.samples);
    this.row.replaceChildren(...Z_ROW.map((z, i) => (
      stripItem(z, tile(made[i], `G of z ${fixed(z, 1)}`, "small"), ["D ", num(answer.sampleScores[i], 2)])
    )));
    this.map.show([...answer.scores], { faces: world.faces, noise: world.noise, made });
    const frame = this.desk.run?.frame;
    if (frame?.trail) {
      this.pathsD.show(frame.trail);
      this.pathsG.show(frame.trail);
    }
    if (frame) this.errors.show(frame.history, frame.trail);
    if (run?.phase === "training") await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
