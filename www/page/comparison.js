// Finds out which device is faster for a run: pauses the run, then times each device in a worker of its own. What the run has trained stays
// as it is. Knows no DOM; `onChange` says that there is something new to show.

import { configInUse } from "../config/settings.js";
import { DEVICE_NAMES, fasterOf, speedText } from "./speeds.js";

/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */
/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("../protocol.d.ts").Speed} Speed */
/** @typedef {import("../protocol.d.ts").SpeedRequest} SpeedRequest */

/** Longest time for one device, its download included, seconds. */
const TIMEOUT_SECONDS = 60;

/** @typedef {{run: Run, ready: NonNullable<Run["ready"]>, batchSize: number}} Subject what the devices are timed on; after a reset it is another one */

/** One comparison at a time, and its result. */
export class Comparison {
  /** @type {"idle" | "pausing" | "measuring"} */
  phase = "idle";
  /** Its progress or its result, in words; empty: neither. */
  text = "";
  /** @type {BackendKind | null} the faster device; null: none is, or it is not known */
  faster = null;
  /** @type {Subject | null} */
  #subject = null;
  #abort = new AbortController();

  /** @param {(comparison: Comparison) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** @param {Run} run that the devices are compared for */
  start(run) {
    this.#forget();
    this.#subject = subjectOf(run);
    if (!this.#subject) return;
    this.#become("pausing", "Pausing before the devices are measured…");
    if (run.wanted) run.pause();
  }

  /** Drops the measurement under way. */
  stop() {
    this.#forget();
    this.#become("idle", "Measuring was stopped.");
  }

  /**
   * To be called when the run on the screen has changed: goes on once that is paused, and drops a result that is no longer true of it.
   * @param {Run} run
   */
  follow(run) {
    const before = this.#subject;
    if (!before) return;
    const now = subjectOf(run);
    const same = now?.run === before.run && now.ready === before.ready && now.batchSize === before.batchSize;
    const goesOn = this.phase === "idle" || run.phase === "paused" || (this.phase === "pausing" && !run.wanted);
    if (!same || !goesOn) {
      this.#forget();
      this.#become("idle", "");
    } else if (this.phase === "pausing" && run.phase === "paused") {
      void this.#measure(before);
    }
  }

  /** @param {Subject} subject */
  async #measure({ ready, batchSize }) {
    const { signal } = this.#abort;
    const config = withLeastRates({ ...ready.config, batchSize }, ready.limits.learningRate[0]);
    /** @type {Speed[]} */
    const speeds = [];
    for (const backend of /** @type {const} */ (["cpu", "webgpu"])) {
      this.#become("measuring", `Measuring ${DEVICE_NAMES[backend]}, a few seconds…`);
      const speed = await measure({ backend, config }, signal);
      if (!speed) return; // It was dropped; something else may be under way by now.
      speeds.push(speed);
    }
    this.faster = fasterOf(speeds);
    this.#become("idle", speedText(speeds));
  }

  #forget() {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#subject = this.faster = null;
  }

  /**
   * @param {Comparison["phase"]} phase
   * @param {string} text
   */
  #become(phase, text) {
    this.phase = phase;
    this.text = text;
    this.onChange(this);
  }
}

/**
 * @param {Run} run
 * @returns {Subject | null} null: it is not ready
 */
function subjectOf(run) {
  const { ready } = run;
  return ready && { run, ready, batchSize: configInUse(run.settings, ready.config).batchSize };
}

/**
 * The configuration with learning rates so small that no loss comes apart on made-up samples; a step takes as long.
 * @param {GanConfig} config
 * @param {number} learningRate
 * @returns {GanConfig}
 */
function withLeastRates(config, learningRate) {
  const { generator, discriminator } = config;
  return { ...config, generator: { ...generator, learningRate }, discriminator: { ...discriminator, learningRate } };
}

/**
 * @param {SpeedRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<Speed | null>} null: it was aborted
 */
function measure(request, signal) {
  const { backend } = request;
  const worker = new Worker(new URL("../worker/speed-worker.js", import.meta.url), { type: "module" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<Speed | null>} */
  const answer = new Promise((resolve) => {
    /**
     * @param {string} problem
     * @returns {void}
     */
    const fail = (problem) => resolve({ backend, name: backend === "cpu" ? "CPU" : "WebGPU", problem });
    worker.onmessage = (message) => resolve(/** @type {Speed} */ (message.data));
    worker.onerror = (event) => {
      event.preventDefault(); // It is shown to the person instead.
      fail(event.message || "its script could not be loaded");
    };
    timer = setTimeout(() => fail(`it was not done within ${TIMEOUT_SECONDS} seconds`), TIMEOUT_SECONDS * 1000);
    signal.addEventListener("abort", () => resolve(null), { once: true });
    worker.postMessage(request);
  });
  return answer.finally(() => {
    clearTimeout(timer);
    worker.terminate();
  });
}
