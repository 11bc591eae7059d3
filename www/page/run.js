// One mode's run: what the page knows of it, and its worker, which it commands and listens to. Knows no DOM; `onChange` says when there is
// something new to show. A reset, a panic and a lost device take one path: throw the worker away and start another.

import { configInUse } from "../config/settings.js";
import { Client } from "./client.js";
import { FramePacer } from "./frames.js";
import { Questions } from "./questions.js";
import { RunState } from "./run-state.js";

/** @typedef {import("../protocol.d.ts").WorkerEvent} WorkerEvent */
/** @typedef {import("../protocol.d.ts").Settings} Settings */
/** @typedef {import("../protocol.d.ts").Mode} Mode */
/** @typedef {import("../protocol.d.ts").Frame} Frame */
/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */

/** Shortest time between two changes of what the pictures show, ms: each is answered by a frame. */
const PICTURE_EVERY_MS = 60;

/** A run and its worker. */
export class Run extends RunState {
  /** Somebody looks at it; a run in the background is asked for no frames. */
  visible = false;
  /** The judge is on the screen. */
  judgeShown = false;
  /** @type {Client | null} */
  #client = null;
  #questions = new Questions();
  /** The next frame is wanted, and has not come. */
  #frameWanted = false;
  /** @type {Frame | null} the latest frame that was shown */
  #frameShown = null;
  /** @type {FramePacer} */
  #frames;
  /** @type {ReturnType<typeof setTimeout> | undefined} sends what the pictures are to show; a slider that is dragged changes that all the time */
  #pictureDue = undefined;

  /**
   * @param {Mode} mode
   * @param {Settings} settings
   * @param {(run: Run) => void} onChange called after every change
   */
  constructor(mode, settings, onChange) {
    super(mode, settings);
    this.onChange = onChange;
    this.#frames = new FramePacer(() => this.#client?.requestFrame(), () => this.#tellOfSilence());
  }

  /**
   * @template {import("../protocol.d.ts").Question} Q
   * @param {Q} question
   * @returns {Promise<import("../protocol.d.ts").Answer<Q>>} null: there is no answer, because the run was started anew or something is wrong
   * (then it is among the problems)
   */
  ask(question) {
    if (!this.#client || this.phase === "dead") return Promise.resolve(null);
    const { id, answer } = /** @type {{id: number, answer: Promise<import("../protocol.d.ts").Answer<Q>>}} */ (this.#questions.open());
    this.#client.send({ type: "ask", id, question });
    return answer;
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
   * @param {boolean} train whether it trains as soon as it is ready
   */
  start(settings, train) {
    this.#client?.close();
    this.#frames.stop();
    this.#frameWanted = false;
    this.#questions.giveUp();
    this.begin(settings);
    const { source, autoDevice, batchSizeFixed, classCount, presets, presetOnGpu, judge } = this.mode;
    this.#client = new Client((event) => this.#hear(event));
    this.#client.send({ type: "start", settings, mode: { source, autoDevice, batchSizeFixed, classCount, presets, presetOnGpu, judge } });
    if (this.judgeShown) this.#client.send({ type: "judge", shown: true });
    if (train) this.train();
    this.onChange(this);
  }

  /** Trains, as soon as it is ready. */
  train() {
    if (this.phase === "dead") return;
    this.wanted = true;
    this.#client?.send({ type: "train" });
    this.onChange(this);
  }

  /** Stops training after the steps under way. */
  pause() {
    if (this.phase === "dead") return;
    this.stopping = this.ready !== null;
    this.wanted = false;
    if (this.ready) this.phase = "pausing";
    this.#client?.send({ type: "pause" });
    this.onChange(this);
  }

  /** @param {import("../protocol.d.ts").StepRequest} request */
  step(request) {
    if (!this.ready || this.phase === "dead") return;
    this.stopping ||= this.wanted;
    this.wanted = false;
    this.phase = "pausing";
    this.#client?.send({ type: "step", request });
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
    if ("batchSize" in changed) this.#client?.send({ type: "batchSize", batchSize });
    else this.#client?.send({ type: "learningRates", generator: generator.learningRate, discriminator: discriminator.learningRate });
    this.onChange(this);
  }

  /** @param {number[] | null} classes to train on from the next batch on; null: all */
  choose(classes) {
    const own = this.dataset?.own ?? false;
    if (own) this.ownClasses = classes;
    else this.settings = { ...this.settings, classes };
    this.#client?.send({ type: "classes", own, classes });
    this.onChange(this);
  }

  /** @param {Partial<Pick<Settings, "averaged" | "psi">>} changed what the pictures show */
  changePicture(changed) {
    this.settings = { ...this.settings, ...changed };
    this.#pictureDue ??= setTimeout(() => {
      this.#pictureDue = undefined;
      const { averaged, psi } = this.settings;
      this.#client?.send({ type: "picture", averaged, psi });
    }, PICTURE_EVERY_MS);
    this.onChange(this);
  }

  /** @param {boolean} shown whether the judge is on the screen */
  showJudge(shown) {
    if (shown === this.judgeShown) return;
    this.judgeShown = shown;
    this.#client?.send({ type: "judge", shown });
  }

  /**
   * Asks for fresh samples; they are there once `drawing` is false again.
   * @param {number[]} labels
   * @param {boolean} oneStyle whether all come from one latent
   */
  async draw(labels, oneStyle) {
    if (!this.ready || this.drawing) return;
    this.drawing = true;
    this.onChange(this);
    const { ready } = this;
    const drawing = await this.ask({ kind: "draw", labels, oneStyle });
    if (ready !== this.ready) return; // It was started anew meanwhile.
    this.drawing = false;
    if (drawing) this.drawn = { ...drawing, labels };
    this.onChange(this);
  }

  /** @param {GanConfig} draft to ask the core about */
  describe(draft) {
    this.draft = draft;
    this.described = null;
    this.drafts += 1;
    this.#client?.send({ type: "describe", id: this.drafts, config: draft });
    this.onChange(this);
  }

  /** Fetches again what is missing of the data. */
  retryData() {
    this.#client?.send({ type: "retryData" });
  }

  /** @param {File[]} files of the person's own, to train on */
  openFiles(files) {
    this.problems = [];
    this.unlabelled = null;
    this.files = files;
    this.#client?.send({ type: "openFiles", files });
    this.onChange(this);
  }

  /** Back to the mode's own data. */
  closeFiles() {
    this.#client?.send({ type: "closeFiles" });
  }

  /** @param {boolean} visible whether this is the run on the screen from now on */
  setVisible(visible) {
    if (visible && !this.visible) this.#frameShown = null;
    this.visible = visible;
    if (visible) this.#pull();
  }

  /** Must be called when the latest state is drawn: a frame that is on the screen ends a pause, or asks for the next one. */
  acknowledgeFrame() {
    if (!this.frame || this.frame === this.#frameShown) return;
    this.#frameShown = this.frame;
    if (this.phase === "settling" && !this.#frameWanted) this.#settle();
    if (this.phase === "training") this.#want();
  }

  #settle() {
    this.phase = "paused";
    this.stopping = false;
  }

  #want() {
    this.#frameWanted = true;
    this.#pull();
  }

  #pull() {
    // A run that is left pauses, and its last figures are fetched all the same: they are there when it is looked at again.
    const looksOn = this.visible || this.phase === "settling";
    if (this.#frameWanted && looksOn && this.ready && this.phase !== "dead") this.#frames.ask();
  }

  #tellOfSilence() {
    this.problems.push("The trainer has not answered for a minute. A slow device may need longer; if its GPU was lost, press Reset.");
    this.onChange(this);
  }

  /** @param {WorkerEvent} event */
  #hear(event) {
    this.take(event);
    switch (event.type) {
      case "ready":
      case "training":
      case "paused":
        if (this.ready) this.#want();
        break;
      case "frame":
        this.#frameWanted = false;
        this.#frames.heard();
        if (this.phase === "settling" && !this.visible) this.#settle();
        break;
      case "answer":
        this.#questions.settle(event.id, event.answer);
        break;
      case "fatal":
        this.#frames.stop();
        this.#questions.giveUp();
        break;
      default: // Other events only change what is known.
    }
    this.onChange(this);
  }
}
