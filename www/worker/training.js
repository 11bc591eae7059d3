// The run loop: takes steps until told to pause, measures, and makes frames. Knows neither wasm nor workers: it is handed a session.
//
// A step only queues work on a GPU, so the loop bounds what it queues, then awaits the losses. Between chunks it yields a macrotask,
// or a pause could not be heard. It uses no requestAnimationFrame: a hidden tab goes on training.

import { DEFAULT_PSI } from "../config/settings.js";
import { EpochMeans, wholeEpochs } from "./epochs.js";
import { LossHistory } from "./history.js";
import { allClasses, drawnLabels, uniformStream } from "./latents.js";
import { Pictures } from "./pictures.js";
import { WholeSteps } from "./whole-steps.js";

/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../../src/types.d.ts").StepRecord} StepRecord */
/** @typedef {import("../protocol.d.ts").Frame} Frame */
/** @typedef {import("../protocol.d.ts").StepRequest} StepRequest */
/** @typedef {import("../protocol.d.ts").EpochRow} EpochRow */
/** @typedef {import("./data/source.js").Batch} Batch */
/** @typedef {import("./data/source.js").Source} Source */

/** Time after which a chunk of steps ends and messages are heard, ms. */
export const CHUNK_MS = 30;
/** Most steps that are queued before their losses are awaited: bounds what a slow GPU has still to do when it is told to pause. */
export const MAX_QUEUED_STEPS = 512;
/** Speed is measured over this much of the latest training, ms. */
const SPEED_WINDOW_MS = 1500;
/** Shortest time between the pictures of two epochs, ms: an epoch of a handful of samples takes a moment. */
const PICTURE_EVERY_MS = 1000;
/** Networks up to this size have all their parameters sent with each frame. */
const READABLE_PARAMETERS = 64;

/** @type {StepRecord} */
const NOTHING_YET = {
  step: 0, lossD: null, lossDReal: null, lossDFake: null, lossG: null,
  penalty: null, penaltyReal: null, penaltyFake: null, penaltyApproximated: null, gradientNorm: null, gradientNormFake: null,
  logitReal: null, logitFake: null, logitGenerated: null, scoreReal: null, scoreFake: null, scoreGenerated: null,
};

/** A session in training: its steps, its losses, its speed. */
export class Training {
  /**
   * @param {Session} session
   * @param {{batchSize: number, discriminatorUpdates: number, generatorUpdates?: number}} config
   * @param {() => Source | null} source where real samples come from now
   * @param {((rows: EpochRow[]) => void) | null} [onEpochs] called with the epochs that were completed; null: nobody needs them
   */
  constructor(session, { batchSize, discriminatorUpdates, generatorUpdates = 1 }, source, onEpochs = null) {
    this.session = session;
    this.batchSize = batchSize;
    this.discriminatorUpdates = discriminatorUpdates;
    this.generatorUpdates = generatorUpdates;
    this.source = source;
    this.onEpochs = onEpochs;
    /** @type {import("./whole-steps.js").StepStrategy} */
    this.strategy = new WholeSteps(this);
    /** The samples shown are made by the average of G's weights, where one is kept. */
    this.averaged = true;
    /** Size of the latents that they are made of, where there are labels. */
    this.psi = DEFAULT_PSI;
    const { generator, discriminator, classes, seed } = session.info();
    this.classes = classes;
    this.pictures = new Pictures(classes);
    this.labelStream = uniformStream(seed, "labels");
    /** Training so far, looks in between aside, ms. */
    this.trainedMs = 0;
    /** @type {(() => Promise<void>) | null} called between chunks; the time it takes is none of training */
    this.between = null;
    this.history = new LossHistory();
    /** @type {StepRecord} the latest of each figure */
    this.latest = NOTHING_YET;
    this.means = new EpochMeans();
    /** @type {number[]} the epoch at each record that was not read yet */
    this.unread = [];
    this.pictureAt = -Infinity;
    this.epoch = 0;
    this.running = false;
    /** Steps that fit into a chunk, by the latest measurement. */
    this.fitting = 1;
    /** @type {{start: number, steps: number} | null} when the latest chunk began, ms, and how many steps it had; null: there was none yet */
    this.chunk = null;
    /** @type {{time: number, step: number}[]} */
    this.marks = [];
    this.isReadable = generator.parameters + discriminator.parameters <= READABLE_PARAMETERS;
  }

  /**
   * Trains another session from now on, for which all that was set is kept.
   * @param {Session} session of the same configuration and seed; neither has trained yet
   */
  moveTo(session) {
    this.session = session;
    this.strategy.moveTo(session);
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
      await this.strategy.finish();
      this.marks = [{ time: performance.now(), step: this.latest.step }];
      while (this.running && (await this.#takeChunk(yieldMacrotask))) await this.between?.();
    } finally {
      this.running = false;
      this.marks = [];
    }
  }

  /**
   * @param {() => Promise<void>} yieldMacrotask
   * @returns {Promise<boolean>} whether steps were taken
   */
  async #takeChunk(yieldMacrotask) {
    const start = performance.now();
    if (!this.#queueChunk()) return false;
    await this.read();
    await yieldMacrotask();
    if (this.chunk) await this.strategy.rest(this.chunk.start, this.chunk.steps);
    this.trainedMs += performance.now() - start;
    return true;
  }

  /**
   * Takes one step, one phase of it, or all steps to the end of the epoch. A step that was begun in substeps is completed first; "both" is
   * content with that.
   * @param {StepRequest} request
   * @returns {Promise<boolean>} false if there are no data for it
   */
  async step(request) {
    if ((await this.strategy.finish()) && request === "both") return true;
    const end = wholeEpochs(this.epoch) + 1;
    do {
      const start = performance.now();
      if (!this.queue(request === "epoch" ? "both" : request)) return false;
      await this.read();
      this.trainedMs += performance.now() - start;
    } while (request === "epoch" && wholeEpochs(this.epoch) < end);
    return true;
  }

  /** @returns {Promise<Frame>} */
  async frame() {
    const samples = await this.pictures.of(this.session, this.averaged, this.psi);
    const parameters = this.isReadable ? await this.session.parameters() : null;
    return {
      ...this.latest, epoch: this.epoch, stepsPerSecond: this.#stepsPerSecond(), history: this.history.columns(), samples, parameters,
      ...this.strategy.tell(parameters),
    };
  }

  /**
   * Takes real samples from the source and counts them into the epoch.
   * @param {number} count
   * @returns {Batch | null} null if there are none
   */
  nextReal(count) {
    const source = this.source();
    const real = source?.nextBatch(count);
    if (!source || !real) return null;
    this.epoch += count / source.epochSize;
    return real;
  }

  /**
   * Queues a step, or one player's phase of it.
   * @param {Exclude<StepRequest, "epoch">} request
   * @returns {boolean} false if there are no data for it
   */
  queue(request) {
    let records = 1;
    if (request === "generator") {
      this.session.generatorStep(this.batchSize, this.fakeLabels(this.generatorUpdates * this.batchSize));
    } else {
      const real = this.nextReal(this.batchSize * this.discriminatorUpdates);
      if (!real) return false;
      if (request === "both") records = this.strategy.queue(real);
      else this.session.discriminatorStep(real.samples, this.labelsOf(real));
    }
    for (let record = 0; record < records; record++) this.unread.push(this.epoch);
    return true;
  }

  /**
   * @param {Batch} batch
   * @returns {Uint8Array | undefined} its labels, where this training has any
   */
  labelsOf({ labels }) {
    return this.classes > 0 && labels ? labels : undefined;
  }

  /**
   * @param {number} count
   * @returns {Uint8Array | undefined} classes for fakes, drawn from the chosen ones; undefined where all are trained on: then the session draws them
   */
  fakeLabels(count) {
    const chosen = this.chosenClasses;
    return chosen ? drawnLabels(this.labelStream, chosen, count) : undefined;
  }

  /** @returns {ReadonlyArray<number> | null} the classes that are trained on, where there are labels and a choice; null: all there are */
  get chosenClasses() {
    const chosen = this.classes > 0 ? this.source()?.chosen : null;
    return chosen ?? null;
  }

  /** @returns {ReadonlyArray<number>} the classes that are trained on; empty: there are no labels */
  get trainedClasses() {
    return this.chosenClasses ?? allClasses(this.classes);
  }

  /**
   * Awaits the records of everything that was queued, and adds them to the figures.
   * @returns {Promise<StepRecord[]>}
   */
  async read() {
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
    await this.strategy.afterRead();
    if (this.running) this.#measure();
    return records;
  }

  /** @returns {boolean} whether steps were queued */
  #queueChunk() {
    const start = performance.now();
    const most = this.strategy.chunk(this.fitting);
    let steps = 0;
    while (steps < most && performance.now() - start < CHUNK_MS) {
      const before = wholeEpochs(this.epoch);
      if (!this.queue("both")) return steps > 0;
      steps += 1;
      if (wholeEpochs(this.epoch) > before && this.#pictureIsDue(start)) break; // The picture shows the epoch's end, not some step after it.
    }
    this.chunk = { start, steps };
    return true;
  }

  /** @param {EpochRow[]} rows the last of them gets a picture, if it is time for one */
  async #tellOf(rows) {
    const now = performance.now();
    if (this.#pictureIsDue(now)) {
      rows[rows.length - 1].picture = this.pictures.some(await this.pictures.of(this.session, this.averaged, this.psi));
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

  /** Notes the speed, and how many steps fit into a chunk. */
  #measure() {
    const time = performance.now();
    this.marks.push({ time, step: this.latest.step });
    while (this.marks.length > 2 && time - this.marks[1].time >= SPEED_WINDOW_MS) this.marks.shift();
    const { start, steps } = this.chunk ?? { start: time, steps: 1 };
    const stepMs = (time - start) / Math.max(steps, 1);
    const fitting = Math.floor(CHUNK_MS / Math.max(stepMs, 0.01));
    this.fitting = Math.max(1, Math.min(fitting, 2 * this.fitting, MAX_QUEUED_STEPS));
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
