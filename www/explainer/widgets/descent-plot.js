// The error as a curve over one number, with its slope here, the way so far, and the step that comes next.

import { fixed } from "../numerals.js";
import { Plot } from "./plots.js";

/** @typedef {readonly (readonly [number, number])[]} Points */

/**
 * @typedef {object} Descent
 * @property {import("../numbers.js").ToyNumber} number
 * @property {Points} curve the error over the number, evenly spaced
 * @property {readonly number[]} past values that the number had before
 * @property {number} value of the number now
 * @property {{slope: number, error: number, next: number} | null} here what is known at this value; null: the number is on its way
 */

/** A plot of one number's way downhill. */
export class DescentPlot {
  constructor() {
    this.plot = new Plot("The error over one number");
    this.element = this.plot.element;
  }

  /** @param {Descent} descent */
  show({ number, curve, past, value, here }) {
    const heights = curve.map(([, error]) => error);
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    const room = Math.max(0.1, 0.12 * (high - low));
    const [colour, yLabel] = number.network === "generator" ? ["g", "L(G)"] : ["d", "L(D)"];
    const tangent = here ? [-1, 1].map((by) => /** @type {[number, number]} */ ([value + by, here.error + by * here.slope])) : [];
    this.plot.show(
      { x: [curve[0]?.[0] ?? 0, curve.at(-1)?.[0] ?? 1], y: [Math.max(0, low - room), high + room], xLabel: number.sign, yLabel },
      [{ points: curve, className: colour }, { points: tangent, className: "ink" }],
      [
        ...past.map((at) => ({ x: at, y: heightAt(curve, at), className: "soft" })),
        ...(here ? [{ x: here.next, y: heightAt(curve, here.next), className: "hollow" }] : []),
        { x: value, y: here?.error ?? heightAt(curve, value), className: colour, label: here ? `slope ${fixed(here.slope, 3)}` : "" },
      ],
    );
    if (here) this.plot.describe(`The error over ${number.sign}: at ${fixed(value, 3)} it is ${fixed(here.error, 4)}, with slope ${fixed(here.slope, 4)}`);
  }
}

/**
 * @param {Points} curve
 * @param {number} x
 * @returns {number} the curve's height at x, found between two of its points
 */
function heightAt(curve, x) {
  if (curve.length < 2) return NaN;
  const step = curve[1][0] - curve[0][0];
  const at = Math.min(curve.length - 2, Math.max(0, Math.floor((x - curve[0][0]) / step)));
  const share = Math.min(1, Math.max(0, (x - curve[at][0]) / step));
  return curve[at][1] + (curve[at + 1][1] - curve[at][1]) * share;
}
