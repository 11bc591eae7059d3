// The run loop: takes steps until told to pause, measures, and makes frames. Knows neither wasm nor workers: it is handed a session.
//
// A step only queues work on a GPU, so the loop bounds what it queues, then awaits the losses. Between chunks it yields a macrotask,
// or a pause could not be heard. It uses no requestAnimationFrame: a hidden tab goes on training.

import { EpochMeans, PICTURE_SAMPLES, wholeEpochs } from "./epochs.js";
import { LossHistory } from "./history.js";

/** @typedef {import("../src/types.d.ts").Session} Session */
/** @typedef {import("../src/types.d.ts").StepRecord} StepRecord */
/** @typedef {import("./protocol.d.ts").Frame} Frame */
/** @typedef {import("./protocol.d.ts").Phase} Phase */
/** @typedef {import("./protocol.d.ts").EpochRow} EpochRow */
/** @typedef {import("./source.js").Source} Source */

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
   * @param {{batchSize: number, discriminatorUpdates: number}} config
   * @param {() => Source | null} source where real samples come from now
   * @param {((rows: EpochRow[]) => void) | null} [onEpochs] told of epochs that were completed; null: nobody asks
   */
  constructor(session, { batchSize, discriminatorUpdates }, source, onEpochs = null) {
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
    this.marks = [{ time: performance.now(), step: this.latest.step }];
    try {
      while (this.running && this.#chunk()) {
        await this.#read();
        await yieldMacrotask();
      }
    } finally {
      this.running = false;
      this.marks = [];
    }
  }

  /**
   * One step, or one phase of it.
   * @param {Phase} phase
   * @returns {Promise<boolean>} false if there are no data for it
   */
  async step(phase) {
    if (!this.#queue(phase)) return false;
    await this.#read();
    return true;
  }

  /** @returns {Promise<Frame>} */
  async frame() {
    const samples = await this.session.samples(this.averaged);
    const parameters = this.readable ? await this.session.parameters() : null;
    return { ...this.latest, epoch: this.epoch, stepsPerSecond: this.#stepsPerSecond(), history: this.history.columns(), samples, parameters };
  }

  /** @returns {boolean} whether steps were queued */
  #chunk() {
    const start = performance.now();
    let queued = 0;
    while (queued < this.queuedSteps && performance.now() - start < CHUNK_MS) {
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
    if (phase === "both") this.session.step(real);
    else this.session.discriminatorStep(real);
    this.epoch += rows / source.epochSize;
    this.unread.push(this.epoch);
    return true;
  }

  async #read() {
    const epochs = this.unread.splice(0);
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
    if (this.running) this.#measure();
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
