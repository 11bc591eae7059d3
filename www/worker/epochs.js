// Mean losses of each epoch, one pass over the data. The worker makes the rows, the page keeps the latest of them. Pure.

/** @typedef {import("../protocol.d.ts").EpochRow} EpochRow */

/** Epochs whose mean losses are kept. */
export const KEPT_EPOCHS = 200;
/** Epochs whose pictures are kept, the latest of those that have one. */
export const KEPT_PICTURES = 50;
/** Samples in an epoch's picture. */
export const PICTURE_SAMPLES = 16;

/** Sums up the losses of the epoch under way. */
export class EpochMeans {
  completed = 0;
  sumD = 0;
  sumG = 0;
  countD = 0;
  countG = 0;

  #begin() {
    this.sumD = this.sumG = 0;
    this.countD = this.countG = 0;
  }

  /**
   * @param {{step: number, lossD: number | null, lossG: number | null}} record
   * @param {number} epoch samples trained on until then, this step's included, divided by those of one epoch
   * @returns {EpochRow | null} the epoch that this step completed, the last where it completed several; null: it completed none
   */
  add({ step, lossD, lossG }, epoch) {
    if (lossD !== null) {
      this.sumD += lossD;
      this.countD += 1;
    }
    if (lossG !== null) {
      this.sumG += lossG;
      this.countG += 1;
    }
    const whole = wholeEpochs(epoch);
    if (whole <= this.completed) return null;
    this.completed = whole;
    const row = {
      epoch: whole,
      step,
      lossD: this.countD > 0 ? this.sumD / this.countD : null,
      lossG: this.countG > 0 ? this.sumG / this.countG : null,
      picture: null,
    };
    this.#begin();
    return row;
  }
}

/**
 * @param {number} epoch a sum of fractions, so it may miss a whole number by its rounding
 * @returns {number} complete epochs
 */
export function wholeEpochs(epoch) {
  return Math.floor(epoch + 1e-6);
}

/**
 * @param {readonly EpochRow[]} rows oldest first
 * @param {readonly EpochRow[]} fresh
 * @returns {EpochRow[]} the latest of all; older ones without their pictures
 */
export function keepLatest(rows, fresh) {
  const all = [...rows, ...fresh].slice(-KEPT_EPOCHS);
  let pictures = 0;
  for (let i = all.length - 1; i >= 0; i--) {
    if (all[i].picture && ++pictures > KEPT_PICTURES) all[i] = { ...all[i], picture: null };
  }
  return all;
}
