// The way of a player's numbers: each of them as a curve over the steps.

import { NUMBERS } from "../numbers.js";
import { Plot } from "./plots.js";

/** @typedef {import("../../protocol.d.ts").TrailColumns} TrailColumns */
/** @typedef {import("../numbers.js").Player} Player */

/** Steps that the axis has at least. */
const LEAST_STEPS = 20;

/** A plot of one player's numbers. */
export class NumberPaths {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.plot = new Plot(`The numbers of ${player === "generator" ? "G" : "D"} over the steps`, 30);
    this.element = this.plot.element;
  }

  /** @param {TrailColumns} trail */
  show(trail) {
    const curves = NUMBERS.flatMap(({ sign, network, isDark }, at) => {
      if (network !== this.player) return [];
      return [{ label: sign, points: columnOf(trail, at), className: `${network === "generator" ? "g" : "d"} thin ${isDark ? "" : "dashed"}` }];
    });
    const values = curves.flatMap(({ points }) => points.map(([, value]) => value));
    const [low, high] = [Math.min(-1, ...values), Math.max(1, ...values)];
    const last = Math.max(LEAST_STEPS, trail.step.at(-1) ?? 0);
    this.plot.show({ x: [0, last], y: [low - 0.1, high + 0.1], xLabel: "step", yLabel: "value" }, curves);
  }
}

/**
 * @param {TrailColumns} trail
 * @param {number} at index of a column
 * @returns {[number, number][]} the column's value after each step that was kept
 */
export function columnOf({ step, values, width }, at) {
  return Array.from(step, (after, row) => [after, values[row * width + at]]);
}
