// Which device trains, and why. Only `probeWebGpu` touches the browser; the choice itself is a pure function.

/** @typedef {import("../protocol.d.ts").Probe} Probe */
/** @typedef {import("../protocol.d.ts").DeviceReport} DeviceReport */

export const CPU_LABEL = "CPU (WASM SIMD)";
const ON_THE_CPU = "so it trains on the CPU (Burn flex, WASM SIMD)";

/** Substrings of adapter descriptions that mean: this "GPU" is the CPU. */
const SOFTWARE_ADAPTERS = ["swiftshader", "llvmpipe", "lavapipe", "softpipe", "microsoft basic render", "warp", "software"];

/**
 * @param {{vendor?: string, architecture?: string, device?: string, description?: string, isFallbackAdapter?: boolean}} info `GPUAdapter.info`
 * @returns {{software: boolean, name: string}}
 */
export function describeAdapter(info) {
  const parts = [info.vendor, info.architecture, info.device].filter(Boolean);
  const name = info.description || parts.join(" ") || "unnamed adapter";
  const everything = [...parts, info.description ?? ""].join(" ").toLowerCase();
  const software = info.isFallbackAdapter === true || SOFTWARE_ADAPTERS.some((word) => everything.includes(word));
  return { software, name };
}

/**
 * Asks the browser for its best WebGPU adapter.
 * @param {GPU | undefined} gpu `navigator.gpu`
 * @returns {Promise<Probe>}
 */
export async function probeWebGpu(gpu) {
  if (!gpu) return { kind: "noApi" };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return { kind: "noAdapter" };
    const { software, name } = describeAdapter(adapter.info);
    // Older browsers have this flag here, not in `info`.
    const { isFallbackAdapter } = /** @type {{isFallbackAdapter?: boolean}} */ (adapter);
    return { kind: "adapter", software: software || isFallbackAdapter === true, name };
  } catch {
    return { kind: "noAdapter" }; // An API that throws serves as little as one that has no adapter.
  }
}

/**
 * @param {Exclude<Probe, {kind: "adapter"}>} probe
 * @returns {string} why there is no WebGPU, to stand within a sentence
 */
export function missingText(probe) {
  return probe.kind === "noApi" ? "this browser has no WebGPU" : "no WebGPU adapter answered";
}

/**
 * @param {{name: string}} adapter
 * @returns {string}
 */
export function webGpuLabel({ name }) {
  return `WebGPU (${name})`;
}

/**
 * Tells whether a run on the CPU may be followed by one on WebGPU: nobody asked for the CPU, and there is a GPU for other modes.
 * @param {import("../protocol.d.ts").BackendChoice} choice
 * @param {Probe} probe
 * @param {DeviceReport} device
 * @returns {boolean}
 */
export function mayNeedWebGpuLater(choice, probe, device) {
  return choice === "auto" && device.backend === "cpu" && probe.kind === "adapter" && !probe.software;
}

/**
 * @param {import("../protocol.d.ts").BackendChoice} choice what the person asked for
 * @param {"hardware" | "cpu"} autoDevice what `auto` means in this mode
 * @param {Probe} probe
 * @returns {DeviceReport}
 */
export function chooseDevice(choice, autoDevice, probe) {
  /**
   * @param {string} reason
   * @returns {DeviceReport}
   */
  const cpu = (reason) => ({ backend: "cpu", label: CPU_LABEL, reason });

  if (choice === "cpu") return cpu("You chose the CPU (Burn flex, WASM SIMD).");
  if (choice === "auto" && autoDevice === "cpu") {
    return cpu(`A network of thirteen numbers is too small for a GPU to help, ${ON_THE_CPU}.`);
  }
  if (probe.kind !== "adapter") {
    const missing = missingText(probe);
    return cpu(choice === "webgpu" ? `You asked for WebGPU, but ${missing}, ${ON_THE_CPU}.` : `${capitalise(missing)}, ${ON_THE_CPU}.`);
  }
  if (choice === "auto" && probe.software) {
    return cpu(`The only WebGPU adapter is a software one (${probe.name}), slower than WASM, ${ON_THE_CPU}.`);
  }
  const label = webGpuLabel(probe);
  if (choice === "auto") return { backend: "webgpu", label, reason: "A hardware WebGPU adapter answered, so it trains there (Burn wgpu)." };
  const reason = probe.software
    ? "You asked for WebGPU; its only adapter here is a software one, so expect it to be very slow."
    : "You chose WebGPU (Burn wgpu).";
  return { backend: "webgpu", label, reason };
}

/**
 * @param {DeviceReport} device which a run is to train on, and whose trainer is still loading
 * @returns {DeviceReport} the CPU, until then
 */
export function meanwhileOnCpu(device) {
  const reason = `The trainer for ${device.label} is loading; until it is here, the CPU shows what there is.`;
  return { backend: "cpu", label: CPU_LABEL, reason, awaits: device.label };
}

/**
 * @param {string} message why WebGPU could not be used after all
 * @returns {DeviceReport}
 */
export function fallBackToCpu(message) {
  return { backend: "cpu", label: CPU_LABEL, reason: `WebGPU did not start (${message}), ${ON_THE_CPU}.` };
}

/**
 * @param {string} text
 * @returns {string}
 */
function capitalise(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
