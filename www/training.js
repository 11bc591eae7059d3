// The run loop: takes steps until told to pause, measures, and makes frames. Knows neither wasm nor workers: it is handed a session.
//
// A step only queues work on a GPU, so the loop bounds what it queues, then awaits the losses. Between chunks it yields a macrotask,
// or a pause could not be heard. It uses no requestAnimationFrame: a hidden tab goes on training.

import { LossHistory } from "./history.js";

/** @typedef {import("../src/types.d.ts").Session} Session */
/** @typedef {import("../src/types.d.ts").StepRecord} StepRecord */
/** @typedef {import("./protocol.d.ts").Frame} Frame */
/** @typedef {import("./protocol.d.ts").Phase} Phase */
/** @typedef {import("./source.js").Source} Source */

/** Time after which a chunk of steps ends and messages are heard, ms. */
const CHUNK_MS = 30;
/** Steps queued before their losses are awaited, at most: bounds what a slow GPU has still to do when it is told to pause. */
const MAX_QUEUED_STEPS = 512;
/** Speed is measured over this much of the latest training, ms. */
const SPEED_WINDOW_MS = 1500;
/** Networks up to this size have all their numbers sent with each frame. */
const READABLE_PARAMETERS = 64;

/** A session in training: its steps, its losses, its speed. */
export class Training {
  /**
   * @param {Session} session
   * @param {number} batchSize
   * @param {() => Source | null} source where real samples come from now
   */
  constructor(session, batchSize, source) {
    this.session = session;
    this.batchSize = batchSize;
    this.source = source;
    this.history = new LossHistory();
    /** @type {StepRecord} the latest of each figure */
    this.latest = { step: 0, lossD: null, lossG: null, scoreReal: null, scoreFake: null };
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
    const samples = await this.session.samples();
    const parameters = this.readable ? await this.session.parameters() : null;
    return { ...this.latest, epoch: this.epoch, stepsPerSecond: this.#stepsPerSecond(), history: this.history.columns(), samples, parameters };
  }

  /** @returns {boolean} whether steps were queued */
  #chunk() {
    const start = performance.now();
    let queued = 0;
    while (queued < this.queuedSteps && performance.now() - start < CHUNK_MS) {
      if (!this.#queue("both")) return queued > 0;
      queued += 1;
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
      return true;
    }
    const source = this.source();
    const real = source?.nextBatch(this.batchSize);
    if (!source || !real) return false;
    if (phase === "both") this.session.step(real);
    else this.session.discriminatorStep(real);
    this.epoch += this.batchSize / source.total;
    return true;
  }

  async #read() {
    const records = await this.session.readMetrics();
    for (const record of records) {
      this.history.add(record.step, record.lossD, record.lossG);
      this.latest = {
        step: record.step,
        lossD: record.lossD ?? this.latest.lossD,
        lossG: record.lossG ?? this.latest.lossG,
        scoreReal: record.scoreReal ?? this.latest.scoreReal,
        scoreFake: record.scoreFake ?? this.latest.scoreFake,
      };
    }
    if (this.running) this.#measure();
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
