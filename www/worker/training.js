// The run loop: takes steps until told to pause, measures, and makes frames. Knows neither wasm nor workers: it is handed a session.
//
// A step only queues work on a GPU, so the loop bounds what it queues, then awaits the losses. Between chunks it yields a macrotask,
// or a pause could not be heard. It uses no requestAnimationFrame: a hidden tab goes on training.

import { EpochMeans, PICTURE_SAMPLES, wholeEpochs } from "./epochs.js";
import { LossHistory } from "./history.js";
import { PartedSteps, piecesOf } from "./substeps.js";
import { notebookPictures, notebookPlot, Trail } from "./trail.js";

/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../../src/types.d.ts").StepRecord} StepRecord */
/** @typedef {import("../protocol.d.ts").Frame} Frame */
/** @typedef {import("../protocol.d.ts").Phase} Phase */
/** @typedef {import("../protocol.d.ts").StepRequest} StepRequest */
/** @typedef {import("../protocol.d.ts").Substep} Substep */
/** @typedef {import("../protocol.d.ts").EpochRow} EpochRow */
/** @typedef {import("./data/source.js").Source} Source */

/** Time after which a chunk of steps ends and messages are heard, ms. */
const CHUNK_MS = 30;
/** Steps queued before their losses are awaited, at most: bounds what a slow GPU has still to do when it is told to pause. */
const MAX_QUEUED_STEPS = 512;
/** Speed is measured over this much of the latest training, ms. */
const SPEED_WINDOW_MS = 1500;
/** Shortest time between the pictures of two epochs, ms: of a handful of images an epoch takes a moment. */
const PICTURE_EVERY_MS = 1000;
/** Samples of `Session.samples`. */
const SAMPLES = 64;
/** Networks up to this size have all their numbers sent with each frame. */
const READABLE_PARAMETERS = 64;

/** @type {StepRecord} */
const NOTHING_YET = {
  step: 0, lossD: null, lossDReal: null, lossDFake: null, penalty: null, gradientNorm: null, lossG: null,
  logitReal: null, logitFake: null, logitGenerated: null, scoreReal: null, scoreFake: null, scoreGenerated: null,
};

/** A session in training: its steps, its losses, its speed. */
export class Training {
  /**
   * @param {Session} session
   * @param {{batchSize: number, discriminatorUpdates: number, order?: import("../../src/types.d.ts").GanConfig["order"]}} config
   * @param {() => Source | null} source where real samples come from now
   * @param {((rows: EpochRow[]) => void) | null} [onEpochs] told of epochs that were completed; null: nobody asks
   */
  constructor(session, { batchSize, discriminatorUpdates, order }, source, onEpochs = null) {
    this.session = session;
    this.batchSize = batchSize;
    this.discriminatorUpdates = discriminatorUpdates;
    this.source = source;
    this.onEpochs = onEpochs;
    /** Pictures show the average of G's weights, where one is kept. */
    this.averaged = true;
    this.history = new LossHistory();
    /** @type {StepRecord} the latest of each figure */
    this.latest = NOTHING_YET;
    this.means = new EpochMeans();
    /** @type {number[]} the epoch after each step whose record was not read yet */
    this.unread = [];
    this.pictureAt = -Infinity;
    this.epoch = 0;
    this.running = false;
    this.queuedSteps = 1;
    /** @type {{time: number, step: number}[]} */
    this.marks = [];
    const { generator, discriminator } = session.info();
    this.readable = generator.parameters + discriminator.parameters <= READABLE_PARAMETERS;
    /** Steps a second at most; null: as many as there can be. */
    this.pace = /** @type {number | null} */ (null);
    const pieces = this.readable && batchSize === 1 && order ? piecesOf(order) : null;
    /** Steps in pieces, where there is one sample and one latent to look at; else null. */
    this.parts = pieces && new PartedSteps(session, pieces);
    this.trail = pieces && new Trail();
    /** Whole steps queued: what `latest.step` will be once they are read. */
    this.wholeSteps = 0;
    /** @type {{record: number, state: Promise<number[]>}[]} states asked for, and which of the unread records they follow */
    this.states = [];
  }

  /**
   * Trains another session from now on, for which all that was set is kept.
   * @param {Session} session of the same configuration and seed; neither has trained yet
   */
  moveTo(session) {
    this.session = session;
    if (this.parts) this.parts.session = session;
  }

  /** @returns {boolean} whether there is something to train on */
  get hasData() {
    return (this.source()?.available ?? 0) > 0;
  }

  /**
   * Trains until `running` is false, or the data run out. Rejects with what the session throws.
   * @param {() => Promise<void>} yieldMacrotask
   */
  async run(yieldMacrotask) {
    this.running = true;
    try {
      await this.finishStep();
      this.marks = [{ time: performance.now(), step: this.latest.step }];
      while (this.running && this.#chunk()) {
        await this.#read();
        await yieldMacrotask();
        if (this.pace) await this.#wait();
      }
    } finally {
      this.running = false;
      this.marks = [];
    }
  }

  /**
   * One step, one phase of it, or all steps to the end of the epoch. A step that was begun in pieces is completed first; "both" is content
   * with that.
   * @param {StepRequest} kind
   * @returns {Promise<boolean>} false if there are no data for it
   */
  async step(kind) {
    if ((await this.finishStep()) && kind === "both") return true;
    const end = wholeEpochs(this.epoch) + 1;
    do {
      if (!this.#queue(kind === "epoch" ? "both" : kind)) return false;
      await this.#read();
    } while (kind === "epoch" && wholeEpochs(this.epoch) < end);
    return true;
  }

  /**
   * So many steps at once, without a pause to be heard in: for small networks only.
   * @param {number} count
   * @returns {Promise<number>} how long it took, ms
   */
  async replay(count) {
    const start = performance.now();
    await this.finishStep();
    for (let taken = 0; taken < count; taken++) {
      if (!this.#queue("both")) break;
      if (this.unread.length >= MAX_QUEUED_STEPS) await this.#read();
    }
    await this.#read();
    return performance.now() - start;
  }

  /**
   * The next piece of a step.
   * @param {Float32Array | null} latent instead of a drawn one
   * @returns {Promise<Substep | null>} null if there are no data for it, or steps have no pieces here
   */
  async substep(latent) {
    const { parts } = this;
    if (!parts || !this.hasData) return null;
    const done = await parts.advance(() => this.#nextFace(), latent);
    let loss = null;
    if (done.gradients) {
      const [record] = await this.#read(!parts.underWay);
      loss = done.name === "learnGenerator" ? record.lossG : done.name === "learnFace" ? record.lossDReal : record.lossDFake;
    }
    return { ...done, loss, step: this.latest.step };
  }

  /** @returns {Promise<boolean>} whether there was a step to complete */
  async finishStep() {
    const { parts } = this;
    if (!parts?.underWay) return false;
    while (parts.underWay) if (!(await this.substep(null))) return false;
    return true;
  }

  /** @returns {Float32Array} one real sample */
  #nextFace() {
    const source = this.source();
    const face = source?.nextBatch(1);
    if (!source || !face) throw new TypeError("there is a real sample, or no piece is begun");
    this.epoch += 1 / source.epochSize;
    return face;
  }

  /** @returns {Promise<Frame>} */
  async frame() {
    const samples = await this.session.samples(this.averaged);
    const parameters = this.readable ? await this.session.parameters() : null;
    if (this.trail?.rows.length === 0 && parameters && this.latest.step === 0) this.trail.add(0, [...flat(parameters), NaN]);
    return {
      ...this.latest, epoch: this.epoch, stepsPerSecond: this.#stepsPerSecond(), history: this.history.columns(), samples, parameters,
      trail: this.trail?.columns() ?? null, next: this.parts?.next ?? null,
    };
  }

  /** @returns {boolean} whether steps were queued */
  #chunk() {
    const start = performance.now();
    let queued = 0;
    const most = this.pace ? Math.max(1, Math.round((this.pace * CHUNK_MS) / 1000)) : this.queuedSteps;
    while (queued < most && performance.now() - start < CHUNK_MS) {
      const before = wholeEpochs(this.epoch);
      if (!this.#queue("both")) return queued > 0;
      queued += 1;
      if (wholeEpochs(this.epoch) > before && this.#pictureIsDue(start)) break; // The picture is of the epoch's end, not of some step after it.
    }
    this.chunkStart = start;
    this.chunkSteps = queued;
    return true;
  }

  /**
   * @param {Phase} phase
   * @returns {boolean} false if there are no data for it
   */
  #queue(phase) {
    if (phase === "generator") {
      this.session.generatorStep(this.batchSize);
      this.unread.push(this.epoch);
      return true;
    }
    const rows = this.batchSize * this.discriminatorUpdates;
    const source = this.source();
    const real = source?.nextBatch(rows);
    if (!source || !real) return false;
    this.epoch += rows / source.epochSize;
    if (phase === "both") this.#queueStep(real);
    else this.session.discriminatorStep(real);
    this.unread.push(this.epoch);
    return true;
  }

  /** @param {Float32Array} real */
  #queueStep(real) {
    const { parts, trail } = this;
    if (!parts) {
      this.session.step(real);
      return;
    }
    this.wholeSteps += 1;
    const latent = parts.draw();
    if (trail?.wants(this.wholeSteps)) this.#queueUpdates(parts, real, latent);
    else this.session.stepWith(real, latent);
  }

  /**
   * A step update by update, to ask in between for what the notebook plots.
   * @param {PartedSteps} parts
   * @param {Float32Array} real
   * @param {Float32Array} latent
   */
  #queueUpdates(parts, real, latent) {
    /** @type {Promise<Float32Array> | undefined} */
    let scores;
    parts.updates.forEach((part, i) => {
      if (part === "fake") scores = this.session.scores(notebookPictures(real, latent[0])); // After D's update on the face, where that came first.
      this.session.update(part, part === "real" ? real : latent);
      if (i > 0) this.unread.push(this.epoch); // The last record of the step is its caller's to count.
    });
    const state = Promise.all([this.session.parameters(), scores]).then(([parameters, read]) => [...flat(parameters), notebookPlot(read ?? [])]);
    this.states.push({ record: this.unread.length, state });
  }

  /**
   * @param {boolean} [endsPieces] a step in pieces was completed by this
   * @returns {Promise<StepRecord[]>}
   */
  async #read(endsPieces = false) {
    const epochs = this.unread.splice(0);
    const states = this.states.splice(0);
    const records = await this.session.readMetrics();
    /** @type {EpochRow[]} */
    const completed = [];
    records.forEach((record, i) => {
      this.history.add(record.step, record.lossD, record.lossG);
      this.latest = latestOf(this.latest, record);
      const row = this.means.add(record, epochs[i] ?? this.epoch);
      if (row) completed.push(row);
    });
    if (completed.length > 0 && this.onEpochs) await this.#tellOf(completed);
    for (const { record, state } of states) this.trail?.add(records[record].step, await state);
    if (endsPieces) await this.#keepState();
    this.wholeSteps = this.latest.step;
    if (this.running) this.#measure();
    return records;
  }

  /** After a step in pieces. */
  async #keepState() {
    const { parts, trail } = this;
    if (!parts || !trail?.wants(this.latest.step)) return;
    const parameters = await this.session.parameters();
    trail.add(this.latest.step, [...flat(parameters), NaN]);
  }

  /** Waits until the next step is due, or it is told to stop or to hurry. */
  async #wait() {
    const due = (this.chunkStart ?? 0) + ((this.chunkSteps ?? 1) * 1000) / (this.pace ?? Infinity);
    const { pace } = this;
    while (this.running && this.pace === pace && performance.now() < due) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, Math.max(0, due - performance.now()))));
    }
  }

  /** @param {EpochRow[]} rows the last of them gets a picture, if it is time for one */
  async #tellOf(rows) {
    const now = performance.now();
    if (this.#pictureIsDue(now)) {
      const samples = await this.session.samples(this.averaged);
      rows[rows.length - 1].picture = samples.slice(0, (samples.length / SAMPLES) * PICTURE_SAMPLES);
      this.pictureAt = now;
    }
    this.onEpochs?.(rows);
  }

  /**
   * @param {number} now ms
   * @returns {boolean}
   */
  #pictureIsDue(now) {
    return this.onEpochs !== null && now - this.pictureAt >= PICTURE_EVERY_MS;
  }

  /** Notes the speed, and queues as many steps next time as fit into a chunk. */
  #measure() {
    const time = performance.now();
    this.marks.push({ time, step: this.latest.step });
    while (this.marks.length > 2 && time - this.marks[1].time >= SPEED_WINDOW_MS) this.marks.shift();
    const stepMs = (time - (this.chunkStart ?? time)) / Math.max(this.chunkSteps ?? 1, 1);
    const fitting = Math.floor(CHUNK_MS / Math.max(stepMs, 0.01));
    this.queuedSteps = Math.max(1, Math.min(fitting, 2 * this.queuedSteps, MAX_QUEUED_STEPS));
  }

  /** @returns {number | null} */
  #stepsPerSecond() {
    const first = this.marks[0];
    const last = this.marks.at(-1);
    if (!first || !last || last.time === first.time) return null;
    return ((last.step - first.step) * 1000) / (last.time - first.time);
  }
}

/**
 * @param {StepRecord} before
 * @param {StepRecord} record
 * @returns {StepRecord} the record, with the figures before where it has none: a phase alone measures only its own player
 */
function latestOf(before, record) {
  const measured = Object.entries(record).filter(([, value]) => value !== null);
  return { ...before, ...Object.fromEntries(measured) };
}

/**
 * @param {import("../../src/types.d.ts").NamedTensor[]} tensors
 * @returns {number[]} all their numbers, one after the other
 */
function flat(tensors) {
  return tensors.flatMap(({ values }) => [...values]);
}
