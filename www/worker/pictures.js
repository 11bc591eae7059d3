// The samples that the page shows of a run: always from the same latents, so that only G's weights show. With labels they are a grid, a column for
// each class and a row for each latent.

import { allClasses, GRID_ROWS, inTurn, latentStream, repeated, scaled, take } from "./latents.js";

/** @typedef {import("../../src/types.d.ts").Session} Session */

/** Samples in an epoch's picture, without labels. */
export const PICTURE_SAMPLES = 16;
/** Rows of the grid in an epoch's picture, with labels. */
const PICTURE_ROWS = 2;
/** Number of samples that `Session.samples` gives without labels. */
const UNLABELLED_SAMPLES = 64;

/** Makes the pictures of one configuration. */
export class Pictures {
  /** @type {Float32Array | null} a latent for each sample of the grid, drawn when it is first needed */
  #latents = null;

  /** @param {number} classes of the samples; 0: they have no labels */
  constructor(classes) {
    this.classes = classes;
  }

  /** @returns {Uint8Array | undefined} the class of each sample of the grid; undefined: there are no labels */
  get labels() {
    return this.classes > 0 ? inTurn(allClasses(this.classes), GRID_ROWS * this.classes) : undefined;
  }

  /**
   * @param {Session} session
   * @param {boolean} averaged by the moving average of G's weights
   * @param {number} psi size of the latents; not used without labels, where smaller ones make no better pictures
   * @returns {Promise<Float32Array>} row-major [n, width * height]
   */
  async of(session, averaged, psi) {
    const { labels } = this;
    if (!labels) return session.samples(averaged);
    const { latent } = session.config();
    const { seed, latentDim } = session.info();
    this.#latents ??= repeated(take(latentStream(latent.kind, seed, "picture"), GRID_ROWS * latentDim), latentDim, this.classes);
    return session.generate(scaled(this.#latents, psi, latent.kind), averaged, labels);
  }

  /**
   * @param {Float32Array} samples as `of` made them
   * @returns {Float32Array} those of an epoch's picture
   */
  some(samples) {
    const all = this.classes > 0 ? GRID_ROWS * this.classes : UNLABELLED_SAMPLES;
    const some = this.classes > 0 ? PICTURE_ROWS * this.classes : PICTURE_SAMPLES;
    return samples.slice(0, (samples.length / all) * some);
  }
}
