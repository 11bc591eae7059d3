// The curves of both losses: thin lines for the losses as measured, thick ones smoothed, and the lines where neither player can tell.

import { equilibriaText } from "../../config/losses.js";
import { el } from "../../dom.js";

/** @typedef {import("../../protocol.d.ts").HistoryColumns} HistoryColumns */
/** @typedef {readonly import("../../config/losses.js").Equilibrium[]} Equilibria */
/** @typedef {import("uplot")} UPlot */

const HEIGHT = 230;
/** Weight of the newest point in the smoothed curve: about the last 20 points count. */
const SMOOTHING = 0.1;
const DASH = [7, 5];

/** A live loss chart. */
export class LossChart {
  /**
   * @param {HTMLElement} container
   * @param {HTMLElement} legend
   * @param {typeof import("uplot")} Plot uPlot's constructor
   */
  constructor(container, legend, Plot) {
    this.container = container;
    /** @type {Equilibria} */
    this.equilibria = [];
    this.colours = themeColours();
    this.legend = new Legend(legend);
    this.plot = new Plot(this.#options(), [[], [], [], [], []], container);
    new ResizeObserver(() => {
      if (container.clientWidth > 0) this.plot.setSize({ width: container.clientWidth, height: HEIGHT });
    }).observe(container);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colours = themeColours();
      this.plot.redraw();
    });
  }

  /**
   * @param {HistoryColumns | null} history null: no step yet
   * @param {Equilibria} equilibria
   */
  show(history, equilibria) {
    this.equilibria = equilibria;
    const steps = history ? Array.from(history.step) : [];
    const [lossD, lossG] = [withGaps(history?.lossD), withGaps(history?.lossG)];
    this.plot.setData([steps, lossD, lossG, smoothed(lossD), smoothed(lossG)]);
    if (this.plot.cursor.idx === null || this.plot.cursor.idx === undefined) this.#readOut(steps.length - 1);
    else this.#readOut(this.plot.cursor.idx);
  }

  /** @param {number | null | undefined} point index of a point; without one, the latest */
  #readOut(point) {
    const [steps, lossD, lossG] = this.plot.data;
    const index = point ?? steps.length - 1;
    this.legend.show(steps[index], lossD[index], lossG[index], this.equilibria);
  }

  /** @returns {import("uplot").Options} */
  #options() {
    const axis = {
      stroke: () => this.colours.soft,
      grid: { stroke: () => this.colours.rule, width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    /**
     * @param {"d" | "g"} player
     * @param {boolean} thick
     * @returns {import("uplot").Series}
     */
    const series = (player, thick) => ({
      stroke: () => this.colours[player],
      width: thick ? 2.25 : 1,
      alpha: thick ? 1 : 0.3,
      ...(player === "g" ? { dash: DASH } : {}),
      points: { show: (plot, _, first, last) => !thick && last - first < 40 && plot.data[0].length > 0, size: 5 },
    });
    return {
      width: Math.max(this.container.clientWidth, 200),
      height: HEIGHT,
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
      scales: {
        x: { time: false, range: (_, low, high) => [Math.min(low ?? 0, 0), Math.max(high ?? 0, 20)] },
        y: { range: (_, low, high) => this.#heights(low ?? 0, high ?? 0) },
      },
      axes: [
        { ...axis, size: 32, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? tick.toLocaleString("en") : "")) },
        { ...axis, size: 44, values: (_, ticks) => ticks.map((tick) => tick.toFixed(1)) },
      ],
      series: [{}, series("d", false), series("g", false), series("d", true), series("g", true)],
      hooks: {
        draw: [(plot) => this.#drawEquilibria(plot)],
        setCursor: [(plot) => this.#readOut(plot.cursor.idx)],
      },
    };
  }

  /**
   * @param {number} low least loss; below 0 where a player minimises minus an output
   * @param {number} high
   * @returns {[number, number]} with 0 and room for the lines and their names
   */
  #heights(low, high) {
    const levels = this.equilibria.map((line) => line.value);
    const least = Math.min(low, ...levels, 0);
    return [least < 0 ? 1.05 * least : 0, Math.max(1.15 * Math.max(0.8, ...levels), 1.05 * high)];
  }

  /** @param {UPlot} plot */
  #drawEquilibria(plot) {
    const { ctx, bbox } = plot;
    const ratio = window.devicePixelRatio || 1;
    ctx.save();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    ctx.textBaseline = "bottom";
    ctx.textAlign = "right";
    for (const { value, name, of } of this.equilibria) {
      const y = Math.round(plot.valToPos(value, "y", true)) + 0.5;
      ctx.strokeStyle = this.colours.soft;
      ctx.lineWidth = ratio;
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      const text = `${name} (${of})`;
      const [right, base] = [bbox.left + bbox.width - 3 * ratio, y - 3 * ratio];
      // A thin outline in the colour of the paper keeps it readable on a curve without hiding the curve.
      ctx.setLineDash([]);
      ctx.lineWidth = 3 * ratio;
      ctx.strokeStyle = this.colours.paper;
      ctx.strokeText(text, right, base);
      ctx.fillStyle = this.colours.ink;
      ctx.fillText(text, right, base);
    }
    ctx.restore();
  }
}

/** Names the curves and gives their values at the pointer, or the latest. */
class Legend {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.step = el("span");
    this.d = el("span", { class: "key d" });
    this.g = el("span", { class: "key g" });
    this.lines = el("span", { class: "key line" });
    element.replaceChildren(this.step, this.d, this.g, this.lines);
  }

  /**
   * @param {number | undefined} step
   * @param {number | null | undefined} lossD
   * @param {number | null | undefined} lossG
   * @param {Equilibria} equilibria
   */
  show(step, lossD, lossG, equilibria) {
    this.step.textContent = step === undefined ? "No step yet" : `Step ${step}`;
    this.d.textContent = `D, discriminator${number(lossD)}`;
    this.g.textContent = `G, generator${number(lossG)}`;
    this.lines.textContent = equilibriaText(equilibria);
  }
}

/**
 * @param {number | null | undefined} value
 * @returns {string}
 */
function number(value) {
  return value === null || value === undefined ? "" : `: ${value.toFixed(4)}`;
}

/**
 * @param {Float32Array | undefined} values NaN where nothing was measured
 * @returns {(number | null)[]}
 */
function withGaps(values) {
  return Array.from(values ?? [], (value) => (Number.isNaN(value) ? null : value));
}

/**
 * @param {(number | null)[]} values
 * @returns {(number | null)[]} plain mean of the first few, exponential moving average from there on; a gap stays a gap
 */
export function smoothed(values) {
  /** @type {number | null} */
  let mean = null;
  let count = 0;
  return values.map((value) => {
    if (value === null) return null;
    count += 1;
    mean = mean === null ? value : mean + Math.max(SMOOTHING, 1 / count) * (value - mean);
    return mean;
  });
}

/**
 * @returns {{[Name in "d" | "g" | "j" | "ink" | "soft" | "rule" | "paper"]: string}} the page's current colours
 */
export function themeColours() {
  const style = getComputedStyle(document.documentElement);
  /**
   * @param {string} name
   * @returns {string}
   */
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return { d: read("d"), g: read("g"), j: read("j"), ink: read("ink"), soft: read("soft"), rule: read("rule"), paper: read("paper") };
}
