// Losses of a whole run in bounded memory: the run is cut into equal spans of steps, and each keeps the mean of its losses.

/** @typedef {import("../protocol.d.ts").HistoryColumns} HistoryColumns */

/** Most points that are kept; about two for each pixel of the chart. */
export const HISTORY_CAPACITY = 2000;

/** A loss curve that never grows past its capacity: when it is full, neighbouring spans are merged and become twice as long. */
export class LossHistory {
  /** @param {number} [capacity] most spans, an even number */
  constructor(capacity = HISTORY_CAPACITY) {
    this.capacity = capacity;
    /** Steps in one span. */
    this.stride = 1;
    this.length = 0;
    this.lastStep = 0;
    this.sumD = new Float64Array(capacity);
    this.sumG = new Float64Array(capacity);
    this.countD = new Uint32Array(capacity);
    this.countG = new Uint32Array(capacity);
  }

  /**
   * @param {number} step completed steps; 0 where only one player was updated yet
   * @param {number | null} lossD
   * @param {number | null} lossG
   */
  add(step, lossD, lossG) {
    let span = Math.floor(Math.max(step - 1, 0) / this.stride);
    while (span >= this.capacity) {
      this.#mergeNeighbours();
      span = Math.floor((step - 1) / this.stride);
    }
    this.length = Math.max(this.length, span + 1);
    this.lastStep = Math.max(this.lastStep, step);
    if (lossD !== null) {
      this.sumD[span] += lossD;
      this.countD[span] += 1;
    }
    if (lossG !== null) {
      this.sumG[span] += lossG;
      this.countG[span] += 1;
    }
  }

  /** @returns {HistoryColumns} copies; `step` is the last step of each span, but never past the last one taken */
  columns() {
    const filled = [];
    for (let span = 0; span < this.length; span++) if (this.countD[span] || this.countG[span]) filled.push(span);
    return {
      step: Float64Array.from(filled, (span) => Math.min((span + 1) * this.stride, this.lastStep)),
      lossD: Float32Array.from(filled, (span) => this.sumD[span] / this.countD[span]),
      lossG: Float32Array.from(filled, (span) => this.sumG[span] / this.countG[span]),
    };
  }

  #mergeNeighbours() {
    this.stride *= 2;
    this.length = Math.ceil(this.length / 2);
    for (const column of [this.sumD, this.sumG, this.countD, this.countG]) {
      for (let span = 0; span < this.capacity; span++) {
        const from = 2 * span;
        column[span] = from < this.capacity ? column[from] + (column[from + 1] ?? 0) : 0;
      }
    }
  }
}
