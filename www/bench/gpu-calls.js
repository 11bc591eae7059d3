// Counts the calls that the page makes to WebGPU, by wrapping the browser's methods.

/** Calls since the page was opened, and the bytes of the buffers that were made. */
export const counts = { dispatches: 0, submits: 0, pipelines: 0, bufferBytes: 0 };

/** Counts from now on, where the browser has WebGPU. */
export function countGpuCalls() {
  if (typeof GPUQueue === "undefined") return;
  watch(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => counts.dispatches++);
  watch(GPUComputePassEncoder.prototype, "dispatchWorkgroupsIndirect", () => counts.dispatches++);
  watch(GPUQueue.prototype, "submit", () => counts.submits++);
  watch(GPUDevice.prototype, "createComputePipeline", () => counts.pipelines++);
  watch(GPUDevice.prototype, "createComputePipelineAsync", () => counts.pipelines++);
  watch(GPUDevice.prototype, "createBuffer", (descriptor) => (counts.bufferBytes += /** @type {GPUBufferDescriptor} */ (descriptor).size));
}

/**
 * Calls `before` with the first argument whenever the method is called.
 * @param {object} prototype
 * @param {string} method
 * @param {(first: unknown) => void} before
 */
function watch(prototype, method, before) {
  const methods = /** @type {Record<string, (...args: unknown[]) => unknown>} */ (prototype);
  const original = methods[method];
  methods[method] = function (...args) {
    before(args[0]);
    return original.apply(this, args);
  };
}
