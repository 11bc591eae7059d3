// Opens a session for what a person asked for, within what the core allows; on a GPU, with one on the CPU to begin with.

import { loadCore } from "../core/core.js";
import { allowedSettings, changedPreset, configInUse, limitsFor } from "../config/settings.js";
import { createSession } from "../core/tilings.js";

/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */
/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../protocol.d.ts").Settings} Settings */

/**
 * @typedef {object} Opened a session, and what it was made of
 * @property {import("../../src/types.d.ts").GanModule} module
 * @property {import("../../src/types.d.ts").Session} session
 * @property {GanConfig} config what it trains
 * @property {GanConfig} preset as the core has it, before all settings
 * @property {import("../../src/types.d.ts").Limits} limits of these networks
 * @property {Settings} inUse the settings asked for, but for what was not allowed
 * @property {string[]} notices what was not allowed, and what is used instead, in words
 */

/**
 * @param {Settings} settings
 * @param {Pick<import("../protocol.d.ts").Mode, "batchSizeFixed" | "classCount">} mode
 * @param {BackendKind} backend
 * @returns {Promise<Opened>} rejects if the core cannot be loaded or the device cannot be opened
 */
export async function openSession(settings, { batchSizeFixed, classCount }, backend) {
  const { core } = await loadCore(backend);
  const preset = core.preset(settings.preset);
  const changed = changedPreset(core, preset, settings, classCount);
  const limits = limitsFor(core.limits(), changed.config);
  const { allowed, notices } = allowedSettings(changed.allowed, limits, batchSizeFixed);
  const config = configInUse(allowed, changed.config);
  const session = await orWorkerError(createSession(core, config, allowed.seed, backend));
  return { module: core, session, config, preset, limits, inUse: allowed, notices: [...changed.notices, ...notices] };
}

/**
 * Opens a session on WebGPU, whose trainer is several times as large to load, and another on the CPU, with which the page begins meanwhile.
 * @param {(backend: BackendKind) => Promise<Opened>} open
 * @returns {Promise<{opened: Opened, later: Promise<Opened> | null}>} whichever is there first; `later`: the one on WebGPU, where the first is
 * not. Rejects with the CPU's error if both fail.
 */
export async function openSoonest(open) {
  const onGpu = open("webgpu");
  const onCpu = open("cpu");
  const opened = await Promise.any([onGpu, onCpu]).catch(() => onCpu);
  if (opened.session.info().backend === "cpu") return { opened, later: onGpu };
  void onCpu.then(({ session }) => session.free(), () => {}); // Too late, or failed: nobody needs it.
  return { opened, later: null };
}

/**
 * Settles as the promise does, or rejects if the worker throws meanwhile: a wasm panic in a spawned task leaves the promise unsettled for ever.
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function orWorkerError(promise) {
  return new Promise((resolve, reject) => {
    /** @param {ErrorEvent} event */
    const onError = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    self.addEventListener("error", onError, { once: true });
    promise.then(resolve, reject).finally(() => self.removeEventListener("error", onError));
  });
}
