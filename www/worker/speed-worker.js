// Times the steps of one configuration on one device, on a session of its own, and answers once. Whoever started it ends it.

import { loadCore } from "../core/core.js";
import { missingText, probeWebGpu, webGpuLabel } from "../core/device.js";
import { createSession } from "../core/tilings.js";
import { messageOf } from "../errors.js";
import { madeUpLabels, madeUpSamples, medianStepMs } from "./speed.js";

/** @typedef {import("../protocol.d.ts").Speed} Speed */
/** @typedef {import("../protocol.d.ts").SpeedRequest} SpeedRequest */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

scope.onmessage = (/** @type {MessageEvent<SpeedRequest>} */ { data }) => void speedOf(data).then((speed) => scope.postMessage(speed));

/**
 * @param {SpeedRequest} request
 * @returns {Promise<Speed>}
 */
async function speedOf({ backend, config }) {
  let name = "CPU";
  if (backend === "webgpu") {
    name = "WebGPU";
    const probe = await probeWebGpu(navigator.gpu);
    if (probe.kind !== "adapter") return { backend, name, problem: missingText(probe) };
    name = webGpuLabel(probe);
  }
  try {
    const { core } = await loadCore(backend);
    const session = await createSession(core, config, 1, backend);
    const [real, labels] = [madeUpSamples(config), madeUpLabels(config)];
    const step = async () => {
      session.step(real, labels);
      await session.readMetrics();
    };
    return { backend, name, stepMs: await medianStepMs(step, () => performance.now()) };
  } catch (error) {
    return { backend, name, problem: messageOf(error) };
  }
}
