// A run as the page knows it: what the person wants of it, and the latest that its worker reported. Knows neither DOM nor worker.

import { AUTO_PRESET } from "../config/settings.js";
import { unreachable } from "../errors.js";
import { keepLatest } from "./epochs.js";

/** @typedef {import("../protocol.d.ts").WorkerEvent} WorkerEvent */
/** @typedef {import("../protocol.d.ts").Settings} Settings */
/** @typedef {import("../protocol.d.ts").Mode} Mode */
/** @typedef {import("../protocol.d.ts").Frame} Frame */
/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */

/** @typedef {import("../protocol.d.ts").Drawing & {labels: number[]}} Drawn fresh samples, and the classes that were asked for */

/** State of a run; only Run changes it. */
export class RunState {
  /**
   * "waiting": it trains as soon as there are data and its device; "pausing": it was asked to stop; "settling": it has stopped, and the figures
   * of the last step are on their way.
   * @type {"loading" | "paused" | "training" | "waiting" | "pausing" | "settling" | "dead"}
   */
  phase = "loading";
  /** It trained until a moment ago, and the page does not say "paused" yet. */
  stopping = false;
  /** The person wants it to train; it does as soon as it is ready. */
  wanted = false;
  /** The work that it does before it is ready, in words. */
  loadingWhat = "";
  /** @type {Extract<WorkerEvent, {type: "ready"}> | null} */
  ready = null;
  /** @type {import("../protocol.d.ts").DeviceReport | null} the device in use */
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
  /** @type {GanConfig | null} the configuration as the person edits it; null: nobody has opened the editor yet */
  draft = null;
  /** @type {Extract<WorkerEvent, {type: "described"}> | null} what the core says of the draft; null: it has not answered yet */
  described = null;
  /** Number of drafts that the core was asked about; each answer bears the number of its draft. */
  drafts = 0;
  /** @type {Extract<WorkerEvent, {type: "judged"}> | null} what the judge said last; null: it has not looked yet */
  judged = null;
  /** @type {Drawn | null} what was drawn on demand last */
  drawn = null;
  /** A drawing was asked for and has not come. */
  drawing = false;
  /** @type {File[]} the person's own files that were asked for last */
  files = [];
  /** @type {string | null} why those files cannot be trained on by networks that are told classes; null: nothing was refused */
  unlabelled = null;
  /** @type {string | null} why it cannot go on, in words */
  fatal = null;
  /** @type {string[]} what did not work, in words */
  problems = [];

  /**
   * @param {Mode} mode
   * @param {Settings} settings
   */
  constructor(mode, settings) {
    this.mode = mode;
    this.settings = settings;
    /** Nobody chose its preset. */
    this.hasOwnPreset = settings.preset === AUTO_PRESET;
    /** The seed that the next reset takes. */
    this.nextSeed = settings.seed;
  }

  /**
   * Back to what a run is before it begins.
   * @param {Settings} settings
   */
  begin(settings) {
    this.settings = settings;
    this.hasOwnPreset = settings.preset === AUTO_PRESET;
    this.nextSeed = settings.seed;
    this.phase = "loading";
    this.stopping = this.wanted = false;
    this.loadingWhat = "Starting";
    this.ready = this.device = this.frame = this.real = this.dataset = this.fatal = null;
    this.ownClasses = this.draft = this.described = this.judged = this.drawn = this.unlabelled = null;
    this.drawing = false;
    this.files = [];
    this.epochs = [];
    this.problems = [];
  }

  /** @returns {number[] | null} classes that were chosen of the data in use; null: all */
  get classes() {
    return this.dataset?.own ? this.ownClasses : this.settings.classes;
  }

  /** @param {WorkerEvent} event that its worker reported */
  take(event) {
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
        this.settings = { ...this.settings, preset: event.settings.preset };
        if (this.phase === "loading") this.phase = "paused";
        this.problems.push(...event.notices);
        break;
      case "device":
        this.device = event.device;
        break;
      case "training":
        this.phase = "training";
        break;
      case "waiting":
        this.phase = "waiting";
        break;
      case "paused":
        // "Paused" is shown together with the figures of the last step, never before.
        if (this.ready) this.phase = "settling";
        break;
      case "frame":
        this.frame = event.frame;
        break;
      case "dataset":
        if (event.dataset.own !== this.dataset?.own || event.dataset.name !== this.dataset.name) this.ownClasses = null; // Own files begin with all of theirs.
        if (event.dataset.own) this.unlabelled = null;
        this.dataset = event.dataset;
        break;
      case "judged":
        this.judged = event;
        break;
      case "unlabelled":
        this.unlabelled = event.message;
        break;
      case "real":
        this.real = event;
        break;
      case "epochs":
        this.epochs = keepLatest(this.epochs, event.rows);
        break;
      case "answer":
        if (event.error) this.problems.push(event.error);
        break;
      case "described":
        if (event.id === this.drafts) this.described = event;
        break;
      case "problem":
        this.problems.push(event.message);
        break;
      case "fatal":
        this.fatal ??= event.message;
        this.phase = "dead";
        this.wanted = this.stopping = false;
        break;
      default:
        unreachable(event);
    }
  }
}
