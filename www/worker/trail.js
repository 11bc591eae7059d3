// Where a small network's parameters went: states on the way in bounded memory. When it is full every other one is dropped.

/** @typedef {import("../protocol.d.ts").TrailColumns} TrailColumns */

/** Most states that are kept, an even number. */
export const TRAIL_CAPACITY = 128;

/** Keeps the states after step 0, stride, 2 stride, … */
export class Trail {
  /** Steps between two states. */
  stride = 1;
  /** @type {{step: number, values: number[]}[]} */
  rows = [];

  /** @param {number} [capacity] */
  constructor(capacity = TRAIL_CAPACITY) {
    this.capacity = capacity;
  }

  /**
   * @param {number} step completed steps
   * @returns {boolean} whether the state after them is to be kept
   */
  wants(step) {
    return step % this.stride === 0;
  }

  /**
   * @param {number} step completed steps; ignored if it is not wanted
   * @param {number[]} values the state
   */
  add(step, values) {
    if (!this.wants(step)) return;
    this.rows.push({ step, values });
    while (this.rows.length > this.capacity) {
      this.stride *= 2;
      this.rows = this.rows.filter((row) => this.wants(row.step));
    }
  }

  /** @returns {TrailColumns} copies */
  columns() {
    const width = this.rows[0]?.values.length ?? 0;
    return {
      step: Float64Array.from(this.rows, (row) => row.step),
      values: Float32Array.from(this.rows.flatMap((row) => row.values)),
      width,
    };
  }
}

/**
 * The number that Serrano's notebook plots as D's error. The notebook hands the latent z itself to a function that expects a sample of four
 * values: z is then multiplied with each weight apart and the four errors are added up, beside four times the error on the face. So it is
 * the sum over the four samples with z as one value and 0 elsewhere.
 * @param {ArrayLike<number>} scores of the face, then of those four samples
 * @returns {number}
 */
export function notebookPlot(scores) {
  const [face, ...others] = Array.from(scores);
  return others.reduce((sum, score) => sum - Math.log(1 - score), -others.length * Math.log(face));
}

/**
 * @param {Float32Array} face
 * @param {number} z
 * @returns {Float32Array} the samples whose scores `notebookPlot` takes: the face, then those with z as one value alone
 */
export function notebookSamples(face, z) {
  const dim = face.length;
  const samples = new Float32Array((dim + 1) * dim);
  samples.set(face);
  for (let i = 0; i < dim; i++) samples[(i + 1) * dim + i] = z;
  return samples;
}
