// Fresh samples on demand, with what D and the judge say of them.

import { latentStream, repeated, scaled, take } from "./latents.js";

/** @typedef {import("../protocol.d.ts").Drawing} Drawing */
/** @typedef {import("../protocol.d.ts").DrawRequest} DrawRequest */
/** @typedef {import("./training.js").Training} Training */

/** Draws each time from other latents. */
export class Drawer {
  /**
   * @param {Training} training
   * @param {(samples: Float32Array) => Promise<Float32Array | null>} opinion of the judge
   */
  constructor(training, opinion) {
    const { seed } = training.session.info();
    this.training = training;
    this.opinion = opinion;
    this.kind = training.session.config().latent.kind;
    this.next = latentStream(this.kind, seed, "drawing");
  }

  /**
   * @param {DrawRequest} request
   * @returns {Promise<Drawing>}
   */
  async draw({ labels: asked, oneStyle }) {
    const { session, averaged, psi } = this.training;
    const { latentDim } = session.info();
    const labels = Uint8Array.from(asked);
    const own = take(this.next, (oneStyle ? 1 : labels.length) * latentDim);
    const latents = scaled(oneStyle ? repeated(own, latentDim, labels.length) : own, psi, this.kind);
    const samples = await session.generate(latents, averaged, labels);
    return { samples, scores: await session.scores(samples, labels), classes: await this.opinion(samples) };
  }
}
