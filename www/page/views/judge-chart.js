// The judge's curves: the distance from real images on a logarithmic scale, and the share of pictures that are clearly one class.

import { themeColours } from "./chart.js";

/** @typedef {import("../../protocol.d.ts").JudgeColumns} JudgeColumns */

const HEIGHT = 200;
const DOTS = [2, 4];

/** A live chart of what the judge says. */
export class JudgeChart {
  /**
   * @param {HTMLElement} container
   * @param {typeof import("uplot")} Plot uPlot's constructor
   */
  constructor(container, Plot) {
    this.container = container;
    this.colours = themeColours();
    this.plot = new Plot(this.#options(), [[], [], []], container);
    new ResizeObserver(() => {
      if (container.clientWidth > 0) this.plot.setSize({ width: container.clientWidth, height: HEIGHT });
    }).observe(container);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colours = themeColours();
      this.plot.redraw();
    });
  }

  /** @param {JudgeColumns | null} history null: it has not looked yet */
  show(history) {
    const percents = Array.from(history?.confident ?? [], (share) => 100 * share);
    this.plot.setData([Array.from(history?.step ?? []), Array.from(history?.fd ?? []), percents]);
  }

  /** @returns {import("uplot").Options} */
  #options() {
    const axis = {
      stroke: () => this.colours.soft,
      grid: { stroke: () => this.colours.rule, width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    return {
      width: Math.max(this.container.clientWidth, 200),
      height: HEIGHT,
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: (_, low, high) => [Math.min(low ?? 0, 0), Math.max(high ?? 0, 20)] },
        // From 1, which no thousand pictures reach, to the next power of ten.
        y: { distr: 3, range: (_, __, high) => [1, Math.max(100, 10 ** Math.ceil(Math.log10(Math.max(high ?? 1, 1))))] },
        share: { range: [0, 100] },
      },
      axes: [
        { ...axis, size: 32, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? tick.toLocaleString("en") : "")) },
        { ...axis, size: 44, splits: (_, __, ___, high) => powersOfTen(high), values: (_, ticks) => ticks.map((tick) => tick.toLocaleString("en")) },
        { ...axis, scale: "share", side: 1, size: 44, grid: { show: false }, values: (_, ticks) => ticks.map((tick) => `${tick} %`) },
      ],
      series: [
        {},
        { stroke: () => this.colours.j, width: 2.25, points: { show: (_, __, first, last) => last - first < 40, size: 5 } },
        { stroke: () => this.colours.ink, width: 1.75, dash: DOTS, scale: "share", points: { show: false } },
      ],
    };
  }
}

/**
 * @param {number} high
 * @returns {number[]} 1, 10, 100, … up to it
 */
function powersOfTen(high) {
  return Array.from({ length: Math.round(Math.log10(high)) + 1 }, (_, i) => 10 ** i);
}
