// Mean losses of each epoch, one walk through the whole source. Pure.

/** @typedef {import("../protocol.d.ts").EpochRow} EpochRow */

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
