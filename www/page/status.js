// The one line that says in words what a run does. Pure.

import { unreachable } from "../errors.js";

/** @typedef {import("./run.js").Run} Run */

/** Said while the first step on a GPU begins, which compiles in the worker; the page stays responsive. */
const COMPILING = "Compiling the kernels for this GPU, before the first step";

/**
 * @param {Pick<Run, "phase" | "device" | "frame" | "mode" | "settings" | "dataset" | "wanted" | "loadingWhat">} run
 * @param {string} remark said instead of the usual, while it loads and until it has trained; empty: nothing
 * @returns {string}
 */
export function statusText({ phase, device, frame, mode, settings, dataset, wanted, loadingWhat }, remark) {
  const compiles = device?.backend === "webgpu" && (frame?.step ?? 0) === 0;
  const loads = device?.awaits && `The trainer for ${device.awaits} is loading.`;
  switch (phase) {
    case "loading":
      return `${remark || `${loadingWhat}…`}${wanted ? " Training begins by itself." : ""}`;
    case "waiting":
      if (loads) return `${loads} Training begins by itself.`;
      return dataset && dataset.total > 0 && !dataset.loading && dataset.available === 0
        ? `Waiting: there is no image of the chosen classes in ${dataset.name}.`
        : `Waiting for the first images of ${mode.source.name}.`;
    case "training":
      if (compiles) return `${COMPILING}…`;
      return `Training ${settings.changes ? "a changed " : ""}${settings.preset} on ${dataset?.name ?? mode.source.name}, on ${device?.label ?? ""}.`;
    case "pausing":
    case "settling":
      if (loads) return `${loads} The step follows by itself.`;
      if (compiles) return `${COMPILING}…`;
      return "Finishing the step under way…";
    case "paused":
      if (remark && frame) return remark;
      if (!frame || frame.step === 0) return `Ready: press Train. ${device?.reason ?? ""}`;
      return `Paused at step ${frame.step}.`;
    case "dead":
      return "The run has stopped; press Reset to start it anew.";
    default:
      return unreachable(phase);
  }
}
