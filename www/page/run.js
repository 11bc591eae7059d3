// One mode's run as the page sees it: its worker, what it asked of it, and the latest it heard. Knows no DOM; `onChange` says when
// there is something new to show. Reset, a panic and a lost device take one path: throw the worker away and start another.

import { configInUse } from "../config/settings.js";
import { Client } from "./client.js";
import { unreachable } from "../errors.js";
import { keepLatest } from "../worker/epochs.js";

/** @typedef {import("../protocol.d.ts").WorkerEvent} WorkerEvent */
/** @typedef {import("../protocol.d.ts").Settings} Settings */
/** @typedef {import("../protocol.d.ts").Mode} Mode */
/** @typedef {import("../protocol.d.ts").Frame} Frame */
/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */

/** Shortest time between two frames, ms: enough to see it learn, little enough to leave the CPU to training. */
const FRAME_EVERY_MS = 90;

/** Silence after which a frame is no longer just slow, ms; a software GPU takes seconds for a step. */
const SILENCE_MS = 60_000;

/** A run and its worker. */
export class Run {
  /**
   * "pausing": asked to stop; "settling": stopped, the figures of the last step are on their way.
   * @type {"loading" | "paused" | "training" | "waiting" | "pausing" | "settling" | "dead"}
   */
  phase = "loading";
  /** It trained until a moment ago, and "paused" is not on the screen yet. */
  stopping = false;
  /** Train as soon as it is ready. */
  wanted = false;
  frameWanted = false;
  loadingWhat = "";
  /** @type {Extract<WorkerEvent, {type: "ready"}> | null} */
  ready = null;
  /** @type {import("../protocol.d.ts").DeviceReport | null} the one in use */
  device = null;
  /** @type {Frame | null} */
  frame = null;
  /** @type {Extract<WorkerEvent, {type: "real"}> | null} */
  real = null;
  /** @type {import("../protocol.d.ts").DatasetReport | null} */
  dataset = null;
  /** @type {import("../protocol.d.ts").EpochRow[]} oldest first */
  epochs = [];
  /** @type {number[] | null} classes of the person's own files that are trained on; null: all */
  ownClasses = null;
  /** @type {GanConfig | null} what the person makes of the configuration; null: nothing yet */
  draft = null;
  /** @type {Extract<WorkerEvent, {type: "described"}> | null} what the core says of the draft; null: nothing yet */
  described = null;
  #descriptions = 0;
  /** @type {string | null} */
  fatal = null;
  /** @type {string[]} */
  problems = [];
  /** @type {Client | null} */
  client = null;
  #questions = 0;
  /** @type {Map<number, (answer: unknown) => void>} */
  #asked = new Map();

  /**
   * @param {Mode} mode
   * @param {Settings} settings
   * @param {(run: Run) => void} onChange
   */
  constructor(mode, settings, onChange) {
    this.mode = mode;
    this.settings = settings;
    /** The seed that the next reset takes. */
    this.nextSeed = settings.seed;
    this.onChange = onChange;
    /** Nobody looks at a run in the background: it is sent no frame requests. */
    this.visible = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.frameTimer = undefined;
    this.frameAt = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.silenceTimer = undefined;
  }

  #forget() {
    this.phase = "loading";
    this.stopping = this.wanted = this.frameWanted = false;
    this.loadingWhat = "Starting";
    this.ready = this.device = this.frame = this.real = this.dataset = this.fatal = null;
    this.ownClasses = this.draft = this.described = null;
    this.epochs = [];
    this.problems = [];
    this.#giveUpQuestions();
  }

  /** Nobody is left to answer. */
  #giveUpQuestions() {
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const settle of asked) settle(null);
  }

  /**
   * @template {import("../protocol.d.ts").Question} Q
   * @param {Q} question
   * @returns {Promise<import("../protocol.d.ts").Answer<Q>>} null: there is no answer, because the run was started anew or something is wrong (then it is among the problems)
   */
  ask(question) {
    if (!this.client || this.phase === "dead") return Promise.resolve(null);
    this.#questions += 1;
    const id = this.#questions;
    this.client.send({ type: "ask", id, question });
    return new Promise((resolve) => this.#asked.set(id, /** @type {(answer: unknown) => void} */ (resolve)));
  }

  /**
   * A question that moves the run, which pauses for it.
   * @template {Extract<import("../protocol.d.ts").Question, {kind: "substep" | "load" | "replay"}>} Q
   * @param {Q} question
   * @returns {Promise<import("../protocol.d.ts").Answer<Q>>}
   */
  move(question) {
    this.stopping ||= this.wanted && this.ready !== null;
    this.wanted = false;
    if (this.ready && this.phase !== "dead") this.phase = "pausing";
    const answer = this.ask(question);
    this.onChange(this);
    return answer;
  }

  /**
   * Starts it, or starts it anew: everything trained so far is dropped.
   * @param {Settings} settings
   * @param {boolean} train at once
   */
  start(settings, train) {
    this.client?.close();
    clearTimeout(this.frameTimer);
    clearTimeout(this.silenceTimer);
    this.#forget();
    this.settings = settings;
    this.nextSeed = settings.seed;
    const { source, autoDevice, batchSizeFixed } = this.mode;
    this.client = new Client((event) => this.#hear(event));
    this.client.send({ type: "start", settings, source, autoDevice, batchSizeFixed });
    if (train) this.train();
    this.onChange(this);
  }

  train() {
    if (this.phase === "dead") return;
    this.wanted = true;
    this.client?.send({ type: "train" });
    this.onChange(this);
  }

  pause() {
    if (this.phase === "dead") return;
    this.stopping = this.ready !== null;
    this.wanted = false;
    if (this.ready) this.phase = "pausing";
    this.client?.send({ type: "pause" });
    this.onChange(this);
  }

  /** @param {import("../protocol.d.ts").StepKind} phase */
  step(phase) {
    if (!this.ready || this.phase === "dead") return;
    this.stopping ||= this.wanted;
    this.wanted = false;
    this.phase = "pausing";
    this.client?.send({ type: "step", phase });
    this.onChange(this);
  }

  /**
   * Settings that take effect at the next step.
   * @param {Partial<Pick<Settings, "batchSize" | "learningRateG" | "learningRateD">>} changed
   */
  change(changed) {
    this.settings = { ...this.settings, ...changed };
    const { ready } = this;
    if (!ready) {
      this.start(this.settings, this.wanted); // Nothing is trained yet; the worker has not read these settings for certain.
      return;
    }
    const { batchSize, generator, discriminator } = configInUse(this.settings, ready.config);
    if ("batchSize" in changed) this.client?.send({ type: "batchSize", batchSize });
    else this.client?.send({ type: "learningRates", generator: generator.learningRate, discriminator: discriminator.learningRate });
    this.onChange(this);
  }

  /** @returns {number[] | null} classes that were chosen of the data in use; null: all */
  get classes() {
    return this.dataset?.own ? this.ownClasses : this.settings.classes;
  }

  /** @param {number[] | null} classes to train on from the next batch on; null: all */
  choose(classes) {
    const own = this.dataset?.own ?? false;
    if (own) this.ownClasses = classes;
    else this.settings = { ...this.settings, classes };
    this.client?.send({ type: "classes", own, classes });
    this.onChange(this);
  }

  /** @param {boolean} averaged whether the picture shows the average of G's weights */
  showAveraged(averaged) {
    this.settings = { ...this.settings, averaged };
    this.client?.send({ type: "averaged", averaged });
    this.onChange(this);
  }

  /** @param {GanConfig} draft to ask the core about */
  describe(draft) {
    this.draft = draft;
    this.described = null;
    this.#descriptions += 1;
    this.client?.send({ type: "describe", id: this.#descriptions, config: draft });
    this.onChange(this);
  }

  retryData() {
    this.client?.send({ type: "retryData" });
  }

  /** @param {File[]} files */
  openFiles(files) {
    this.problems = [];
    this.client?.send({ type: "openFiles", files });
    this.onChange(this);
  }

  closeFiles() {
    this.client?.send({ type: "closeFiles" });
  }

  /** @param {boolean} visible */
  show(visible) {
    this.visible = visible;
    if (visible) this.#pull();
  }

  /** Called when a frame is on the screen. */
  shown() {
    if (this.phase === "settling" && !this.frameWanted) this.#settle();
    if (this.phase === "training") this.#want();
  }

  #settle() {
    this.phase = "paused";
    this.stopping = false;
  }

  #want() {
    this.frameWanted = true;
    this.#pull();
  }

  #pull() {
    // A run that is left pauses, and its last figures are fetched all the same: they are there when it is looked at again.
    const asked = this.visible || this.phase === "settling";
    if (!this.frameWanted || !asked || !this.ready || this.phase === "dead") return;
    clearTimeout(this.frameTimer);
    this.frameTimer = setTimeout(() => {
      this.frameAt = performance.now();
      this.client?.requestFrame();
      clearTimeout(this.silenceTimer);
      this.silenceTimer = setTimeout(() => this.#tellOfSilence(), SILENCE_MS);
    }, Math.max(0, this.frameAt + FRAME_EVERY_MS - performance.now()));
  }

  /** A lost GPU may answer neither with a result nor with an error. */
  #tellOfSilence() {
    this.problems.push("The trainer has not answered for a minute. A slow device may need longer; if its GPU was lost, press Reset.");
    this.onChange(this);
  }

  /** @param {WorkerEvent} event */
  #hear(event) {
    switch (event.type) {
      case "loading":
        this.loadingWhat = event.what;
        break;
      case "ready":
        this.ready = event;
        this.device = event.device;
        if (event.notices.length > 0) {
          this.settings = event.settings;
          this.nextSeed = event.settings.seed;
        }
        if (this.phase === "loading") this.phase = "paused";
        this.problems.push(...event.notices);
        this.#want();
        break;
      case "device":
        this.device = event.device;
        break;
      case "training":
        this.phase = "training";
        this.#want();
        break;
      case "waiting":
        this.phase = "waiting";
        break;
      case "paused":
        if (!this.ready) break;
        // "Paused" is shown together with the figures of the last step, never before.
        this.phase = "settling";
        this.#want();
        break;
      case "frame":
        this.frame = event.frame;
        this.frameWanted = false;
        clearTimeout(this.silenceTimer);
        if (this.phase === "settling" && !this.visible) this.#settle();
        break;
      case "dataset":
        if (event.dataset.own !== this.dataset?.own || event.dataset.name !== this.dataset.name) this.ownClasses = null; // Own files begin with all of theirs.
        this.dataset = event.dataset;
        break;
      case "real":
        this.real = event;
        break;
      case "epochs":
        this.epochs = keepLatest(this.epochs, event.rows);
        break;
      case "answer":
        if (event.error) this.problems.push(event.error);
        this.#asked.get(event.id)?.(event.answer);
        this.#asked.delete(event.id);
        break;
      case "described":
        if (event.id === this.#descriptions) this.described = event;
        break;
      case "problem":
        this.problems.push(event.message);
        break;
      case "fatal":
        clearTimeout(this.silenceTimer);
        this.fatal ??= event.message;
        this.phase = "dead";
        this.wanted = this.stopping = false;
        this.#giveUpQuestions();
        break;
      default:
        unreachable(event);
    }
    this.onChange(this);
  }
}
