// The toy's way to take steps: one substep at a time where the page asks for it, at the pace it asks for, with a trail of where the
// parameters went. The run loop is handed it as its strategy (whole-steps.js).

import { substepsOf } from "../config/substeps.js";
import { flat } from "../config/toy-numbers.js";
import { Substeps } from "./substeps.js";
import { notebookSamples, notebookPlot, Trail } from "./trail.js";
import { CHUNK_MS, MAX_QUEUED_STEPS } from "./training.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").NamedTensor} NamedTensor */
/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../protocol.d.ts").Substep} Substep */
/** @typedef {import("./training.js").Training} Training */
/** @typedef {import("./whole-steps.js").StepStrategy} StepStrategy */

/** Longest wait between two looks at whether it was told to stop or to hurry, ms. */
const LOOK_EVERY_MS = 50;

/**
 * Hands the toy's way of taking steps to a training whose steps can be taken apart: of networks small enough to be read, with one sample
 * and one latent in a step, in an update order that updates on one thing after the other.
 * @param {Training} training
 * @param {Pick<GanConfig, "order">} config
 * @returns {ToyTraining | null} null: the steps of this one cannot be taken apart
 */
export function toyTrainingOf(training, { order }) {
  const names = training.isReadable && training.batchSize === 1 ? substepsOf(order) : null;
  return names && new ToyTraining(training, names);
}

/**
 * Steps that can be taken in substeps.
 * @implements {StepStrategy}
 */
export class ToyTraining {
  /** @type {number | null} steps a second at most; null: as many as there can be */
  pace = null;
  /** @type {{step: number, state: Promise<number[]>}[]} states that were asked for while their step was queued */
  states = [];
  trail = new Trail();

  /**
   * @param {Training} training
   * @param {import("../protocol.d.ts").SubstepName[]} names
   */
  constructor(training, names) {
    this.training = training;
    this.substeps = new Substeps(training.session, names);
    /** Steps that are complete once everything queued is read. */
    this.completed = training.latest.step;
    training.strategy = this;
  }

  /** @param {Session} session */
  moveTo(session) {
    this.substeps.session = session;
  }

  /**
   * Takes the next substep.
   * @param {Float32Array | null} latent instead of a drawn one
   * @returns {Promise<Substep | null>} null if there are no data for it
   */
  async substep(latent) {
    const { training, substeps } = this;
    if (!training.hasData) return null;
    const done = await substeps.advance(() => this.#nextFace(), latent);
    let loss = null;
    if (done.gradients) {
      const [record] = await training.read();
      loss = done.name === "learnGenerator" ? record.lossG : done.name === "learnFace" ? record.lossDReal : record.lossDFake;
      if (!substeps.underWay) await this.#keepState();
    }
    return { ...done, loss, step: training.latest.step };
  }

  /** @returns {Promise<boolean>} */
  async finish() {
    if (!this.substeps.underWay) return false;
    while (this.substeps.underWay) if (!(await this.substep(null))) return false;
    return true;
  }

  /**
   * Takes so many steps at once, without a moment at which a pause could be heard.
   * @param {number} count
   * @returns {Promise<number>} how long it took, ms
   */
  async replay(count) {
    const { training } = this;
    const start = performance.now();
    await this.finish();
    for (let taken = 0; taken < count; taken++) {
      if (!training.queue("both")) break;
      if (training.unread.length >= MAX_QUEUED_STEPS) await training.read();
    }
    await training.read();
    return performance.now() - start;
  }

  /**
   * @param {import("./data/source.js").Batch} batch one sample
   * @returns {number}
   */
  queue({ samples: real }) {
    this.completed += 1;
    const latent = this.substeps.draw();
    if (this.trail.wants(this.completed)) return this.#queueUpdates(real, latent);
    this.training.session.stepWith(real, latent);
    return 1;
  }

  /** Adds to the trail the states that were asked for. */
  async afterRead() {
    for (const { step, state } of this.states.splice(0)) this.trail.add(step, await state);
    this.completed = this.training.latest.step;
  }

  /**
   * @param {number} fitting
   * @returns {number}
   */
  chunk(fitting) {
    return this.pace ? Math.max(1, Math.round((this.pace * CHUNK_MS) / 1000)) : fitting;
  }

  /**
   * Waits until the next step is due, or it is told to stop or to hurry.
   * @param {number} start of the chunk, ms
   * @param {number} steps of the chunk
   */
  async rest(start, steps) {
    const { pace } = this;
    if (!pace) return;
    const due = start + (steps * 1000) / pace;
    while (this.training.running && this.pace === pace && performance.now() < due) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_EVERY_MS, Math.max(0, due - performance.now()))));
    }
  }

  /**
   * @param {NamedTensor[] | null} parameters of both networks
   * @returns {{trail: import("../protocol.d.ts").TrailColumns, next: import("../protocol.d.ts").SubstepName}}
   */
  tell(parameters) {
    const { trail, substeps } = this;
    if (trail.rows.length === 0 && parameters && this.training.latest.step === 0) trail.add(0, withoutPlot(parameters));
    return { trail: trail.columns(), next: substeps.next };
  }

  /** @returns {Float32Array} one real sample */
  #nextFace() {
    const face = this.training.nextReal(1);
    if (!face) throw new TypeError("there is a real sample, or no substep is begun");
    return face.samples;
  }

  /**
   * Queues a step update by update, to ask in between for what the notebook plots.
   * @param {Float32Array} real
   * @param {Float32Array} latent
   * @returns {number} records that this leaves
   */
  #queueUpdates(real, latent) {
    const { session } = this.training;
    const { updates } = this.substeps;
    /** @type {Promise<Float32Array> | undefined} */
    let scores;
    for (const update of updates) {
      if (update === "fake") scores = session.scores(notebookSamples(real, latent[0])); // After D's update on the face, where that came first.
      session.update(update, update === "real" ? real : latent);
    }
    const state = Promise.all([session.parameters(), scores]).then(([parameters, read]) => [...flat(parameters), notebookPlot(read ?? [])]);
    this.states.push({ step: this.completed, state });
    return updates.length;
  }

  /** Adds to the trail the state after a step in substeps, of which nobody asked what the notebook plots. */
  async #keepState() {
    const { latest, session } = this.training;
    if (this.trail.wants(latest.step)) this.trail.add(latest.step, withoutPlot(await session.parameters()));
  }
}

/**
 * @param {NamedTensor[]} parameters
 * @returns {number[]} a row of the trail without what the notebook plots
 */
function withoutPlot(parameters) {
  return [...flat(parameters), NaN];
}
