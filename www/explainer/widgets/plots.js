// A small plot in SVG: axes with a few ticks, curves, dots, words beside them. It is drawn anew whenever its content changes.

import { fixed } from "../numerals.js";
import { svg } from "../svg.js";

/**
 * @typedef {object} Curve
 * @property {readonly (readonly [number, number])[]} points a value that is not a number leaves a gap
 * @property {string} className
 * @property {string} [label] written at the curve's end
 */
/**
 * @typedef {object} Dot
 * @property {number} x
 * @property {number} y
 * @property {string} className
 * @property {string} [label]
 * @property {"circle" | "square" | "cross"} [shape]
 */
/**
 * @typedef {object} Axes
 * @property {[number, number]} x
 * @property {[number, number]} y
 * @property {string} xLabel
 * @property {string} yLabel
 */

const WIDTH = 380;
const HEIGHT = 230;
const ROOM = { left: 42, right: 12, top: 22, bottom: 38 };
/** Least distance between two labels at the ends of curves. */
const LABEL_DISTANCE = 13;

/** A plot; `show` draws it. */
export class Plot {
  /**
   * @param {string} name what the plot shows, for those who cannot see it
   * @param {number} [endRoom] width kept free on the right for the labels of curves
   */
  constructor(name, endRoom = 0) {
    this.element = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", role: "img", "aria-label": name });
    this.right = WIDTH - ROOM.right - endRoom;
  }

  /** @param {string} text says what the plot shows now, in place of its name */
  describe(text) {
    this.element.setAttribute("aria-label", text);
  }

  /**
   * @param {Axes} axes
   * @param {Curve[]} curves
   * @param {Dot[]} [dots]
   * @param {Element[]} [behind] elements that lie under the curves
   */
  show(axes, curves, dots = [], behind = []) {
    const { x, y } = this.scales(axes);
    const inside = [...this.#axes(axes, x, y), ...behind];
    /** @type {{text: string, x: number, y: number, className: string}[]} */
    const ends = [];
    for (const { points, className, label } of curves) {
      inside.push(svg("path", { d: path(points, x, y, axes), class: `curve ${className}` }));
      const last = points.filter(([, value]) => Number.isFinite(value)).at(-1);
      if (label && last) ends.push({ text: label, x: x(last[0]) + 4, y: y(clamp(last[1], axes.y)) + 4, className });
    }
    for (const dot of dots) inside.push(...mark(dot, x, y, axes));
    this.element.replaceChildren(...inside, ...spread(ends).map((end) => svg("text", { x: end.x, y: end.y, class: `end ${end.className}` }, end.text)));
  }

  /**
   * @param {Axes} axes
   * @returns {{x: (value: number) => number, y: (value: number) => number}} where a value lies in the drawing
   */
  scales(axes) {
    const bottom = HEIGHT - ROOM.bottom;
    return {
      x: (value) => ROOM.left + ((value - axes.x[0]) / (axes.x[1] - axes.x[0])) * (this.right - ROOM.left),
      y: (value) => bottom - ((value - axes.y[0]) / (axes.y[1] - axes.y[0])) * (bottom - ROOM.top),
    };
  }

  /**
   * @param {Axes} axes
   * @param {(value: number) => number} x
   * @param {(value: number) => number} y
   * @returns {Element[]}
   */
  #axes(axes, x, y) {
    const bottom = HEIGHT - ROOM.bottom;
    const drawn = [];
    for (const tick of ticks(axes.x)) {
      drawn.push(svg("line", { x1: x(tick.value), x2: x(tick.value), y1: ROOM.top, y2: bottom, class: "grid" }));
      drawn.push(svg("text", { x: x(tick.value), y: bottom + 15, "text-anchor": "middle", class: "tick" }, tick.text));
    }
    for (const tick of ticks(axes.y)) {
      drawn.push(svg("line", { x1: ROOM.left, x2: this.right, y1: y(tick.value), y2: y(tick.value), class: "grid" }));
      drawn.push(svg("text", { x: ROOM.left - 6, y: y(tick.value) + 4, "text-anchor": "end", class: "tick" }, tick.text));
    }
    drawn.push(svg("text", { x: this.right, y: HEIGHT - 6, "text-anchor": "end", class: "axis" }, axes.xLabel));
    drawn.push(svg("text", { x: 2, y: 12, class: "axis" }, axes.yLabel));
    return drawn;
  }
}

/**
 * @param {[number, number]} range
 * @param {number} [most]
 * @returns {{value: number, text: string}[]} round numbers in the range
 */
export function ticks([low, high], most = 5) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? rough;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (step / power === 2.5 ? 1 : 0));
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    const value = i * step;
    found.push({ value, text: Math.abs(value) >= 1000 ? value.toLocaleString("en") : fixed(value, digits) });
  }
  return found;
}

/**
 * @param {number} value
 * @param {[number, number]} range
 * @returns {number}
 */
function clamp(value, [low, high]) {
  return Math.min(high, Math.max(low, value));
}

/**
 * @param {Curve["points"]} points
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {Axes} axes
 * @returns {string} a path, cut off at the top and the bottom
 */
function path(points, x, y, axes) {
  let pen = "M";
  let text = "";
  for (const [at, value] of points) {
    if (!Number.isFinite(value)) {
      pen = "M";
      continue;
    }
    text += `${pen}${x(at).toFixed(1)} ${y(clamp(value, axes.y)).toFixed(1)}`;
    pen = "L";
  }
  return text;
}

/**
 * @param {Dot} dot
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {Axes} axes
 * @returns {Element[]}
 */
function mark({ x: atX, y: atY, className, label, shape = "circle" }, x, y, axes) {
  const [left, top] = [x(clamp(atX, axes.x)), y(clamp(atY, axes.y))];
  const name = `dot ${className}`;
  /** @type {Record<NonNullable<Dot["shape"]>, () => SVGElement>} */
  const shapes = {
    circle: () => svg("circle", { cx: left, cy: top, r: 5, class: name }),
    square: () => svg("rect", { x: left - 4.5, y: top - 4.5, width: 9, height: 9, class: name }),
    cross: () => svg("path", { d: crossPath(left, top), class: `cross ${className}` }),
  };
  if (!label) return [shapes[shape]()];
  const isRight = left > WIDTH * 0.6; // There is more room for words on the other side.
  const place = { x: left + (isRight ? -9 : 9), y: Math.max(12, top - 7), "text-anchor": isRight ? "end" : "start" };
  return [shapes[shape](), svg("text", { ...place, class: `name ${className}` }, label)];
}

/**
 * @param {number} x of the middle
 * @param {number} y
 * @returns {string} two strokes
 */
function crossPath(x, y) {
  return `M${x - 4} ${y - 4}L${x + 4} ${y + 4}M${x + 4} ${y - 4}L${x - 4} ${y + 4}`;
}

/**
 * @template {{y: number}} T
 * @param {T[]} labels
 * @returns {T[]} moved down until none lies on another
 */
function spread(labels) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  sorted.forEach((label, i) => {
    if (i > 0) label.y = Math.max(label.y, sorted[i - 1].y + LABEL_DISTANCE);
  });
  const over = Math.max(0, (sorted.at(-1)?.y ?? 0) - (HEIGHT - 10));
  for (const label of sorted) label.y -= over;
  return sorted;
}
