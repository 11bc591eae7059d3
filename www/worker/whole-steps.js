// The ways in which the run loop takes its steps: the usual one, and the methods that any other must offer.

import { drawnLabels, take } from "./latents.js";

/** @typedef {import("../../src/types.d.ts").NamedTensor} NamedTensor */
/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("./data/source.js").Batch} Batch */

/**
 * A way to take steps. `WholeSteps` is the usual one, `ToyTraining` that of networks small enough to be read.
 * @typedef {object} StepStrategy
 * @property {(session: Session) => void} moveTo trains another session from now on
 * @property {() => Promise<boolean>} finish completes a step that was begun in substeps; tells whether it did
 * @property {(real: Batch) => number} queue queues one step on real samples; returns how many records it will leave
 * @property {() => Promise<void>} afterRead called when the records of everything queued have been read
 * @property {(fitting: number) => number} chunk how many steps to queue at once, where so many fit into the time of a chunk
 * @property {(start: number, steps: number) => Promise<void>} rest waits, if need be, between a chunk of so many steps and the next
 * @property {(parameters: NamedTensor[] | null) => Pick<import("../protocol.d.ts").Frame, "trail" | "next">} tell what frames show beside the figures
 */

/**
 * Whether G is updated on the latents that D's fakes were made of, by update order.
 * @type {Record<import("../../src/types.d.ts").UpdateOrder, boolean>}
 */
const SAME_LATENTS = { joint: false, kerasTwoUpdates: false, sumSameZ: true, realThenFakeSameLatents: true, fakeThenGeneratorThenReal: true };

/**
 * Steps as the session takes them itself, as many as there can be.
 * @implements {StepStrategy}
 */
export class WholeSteps {
  /** @param {import("./training.js").Training} training */
  constructor(training) {
    this.training = training;
    this.session = training.session;
  }

  /** @param {Session} session */
  moveTo(session) {
    this.session = session;
  }

  async finish() {
    return false; // A whole step is never left half done.
  }

  /**
   * @param {Batch} real
   * @returns {number}
   */
  queue(real) {
    const { session, training } = this;
    const labels = training.labelsOf(real);
    const chosen = training.chosenClasses;
    if (labels && chosen) this.#stepOnChosen(real.samples, labels, chosen);
    else session.step(real.samples, labels);
    return 1;
  }

  /**
   * Queues a step whose fakes are of the chosen classes only, as the real samples are: the session itself would draw from all classes, and most
   * fakes would be of classes that D never sees a real sample of.
   * @param {Float32Array} real
   * @param {Uint8Array} labels
   * @param {ReadonlyArray<number>} chosen
   */
  #stepOnChosen(real, labels, chosen) {
    const { session, training } = this;
    const { order, loss, generatorUpdates } = session.config();
    const count = labels.length;
    const latents = session.drawLatents(count);
    const interpolation = loss.type === "wassersteinGp" ? { interpolation: take(training.labelStream, count) } : {};
    const options = { labels, discriminatorLabels: drawnLabels(training.labelStream, chosen, count), ...interpolation };
    if (SAME_LATENTS[order]) {
      session.stepWith(real, latents, null, options);
    } else {
      const updated = generatorUpdates * training.batchSize;
      session.stepWith(real, latents, session.drawLatents(updated), { ...options, generatorLabels: drawnLabels(training.labelStream, chosen, updated) });
    }
  }

  async afterRead() {}

  /**
   * @param {number} fitting
   * @returns {number}
   */
  chunk(fitting) {
    return fitting;
  }

  async rest() {}

  tell() {
    return { trail: null, next: null };
  }
}
