// The way of a player's numbers: each of them as a curve over the steps.

import { NUMBERS } from "../numbers.js";
import { Plot } from "./plots.js";

/** @typedef {import("../../protocol.d.ts").TrailColumns} TrailColumns */
/** @typedef {import("../../../src/types.d.ts").Role} Role */

/** Steps that the axis has at least. */
const LEAST_STEPS = 20;

/** A plot of one player's numbers. */
export class NumberPaths {
  /** @param {Role} role the player whose numbers they are */
  constructor(role) {
    this.role = role;
    this.plot = new Plot(`The numbers of ${role === "generator" ? "G" : "D"} over the steps`, 30);
    this.element = this.plot.element;
  }

  /** @param {TrailColumns} trail */
  show(trail) {
    const curves = NUMBERS.flatMap(({ sign, network, isDark }, at) => {
      if (network !== this.role) return [];
      return [{ label: sign, points: columnOf(trail, at), className: `${network === "generator" ? "g" : "d"} thin ${isDark ? "" : "dashed"}` }];
    });
    const values = curves.flatMap(({ points }) => points.map(([, value]) => value));
    const [low, high] = [Math.min(-1, ...values), Math.max(1, ...values)];
    this.plot.show({ x: stepRange(trail.step), y: [low - 0.1, high + 0.1], xLabel: "step", yLabel: "value" }, curves);
  }
}

/**
 * @param {Float64Array} step the steps of a curve's points
 * @returns {[number, number]} range of an axis that holds them
 */
export function stepRange(step) {
  return [0, Math.max(LEAST_STEPS, step.at(-1) ?? 0)];
}

/**
 * @param {TrailColumns} trail
 * @param {number} at index of a column
 * @returns {[number, number][]} the column's value after each step that was kept
 */
export function columnOf({ step, values, width }, at) {
  return Array.from(step, (after, row) => [after, values[row * width + at]]);
}
