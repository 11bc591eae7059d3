// Says which device is faster, and by how much. Pure.

/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */
/** @typedef {import("../protocol.d.ts").Speed} Speed */

/** Times whose ratio is below this count as equal. */
const LEAST_RATIO = 1.1;

/**
 * A device without details, for sentences.
 * @type {{[Backend in BackendKind]: string}}
 */
export const DEVICE_NAMES = { cpu: "the CPU", webgpu: "WebGPU" };

/**
 * @param {readonly Speed[]} speeds one of each device
 * @returns {BackendKind | null} the faster device, or the only one that works; null: there is no such device
 */
export function fasterOf(speeds) {
  const [best, next] = ranked(speeds);
  if (!best || (next && next.stepMs / best.stepMs < LEAST_RATIO)) return null;
  return best.backend;
}

/**
 * @param {readonly Speed[]} speeds one of each device
 * @returns {string} "CPU 42 ms a step, WebGPU (ada) 410 ms: the CPU is 9.8 times as fast here."
 */
export function speedText(speeds) {
  const problems = speeds.flatMap((speed) => ("problem" in speed ? [`${speed.name} could not be measured: ${speed.problem.replace(/\.$/, "")}.`] : []));
  const measured = speeds.flatMap((speed) => ("stepMs" in speed ? [speed] : []));
  if (problems.length > 0) return [...measured.map(({ name, stepMs }) => `${name} ${milliseconds(stepMs)} a step.`), ...problems].join(" ");

  const times = measured.map(({ name, stepMs }, i) => `${name} ${milliseconds(stepMs)}${i === 0 ? " a step" : ""}`).join(", ");
  const [best, next] = ranked(speeds);
  if (fasterOf(speeds) === null) return `${times}: they are about equally fast here.`;
  const ratio = next.stepMs / best.stepMs;
  return `${times}: ${DEVICE_NAMES[best.backend]} is ${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString("en")} times as fast here.`;
}

/**
 * @param {readonly Speed[]} speeds
 * @returns {Extract<Speed, {stepMs: number}>[]} those that were measured, fastest first
 */
function ranked(speeds) {
  return speeds.flatMap((speed) => ("stepMs" in speed ? [speed] : [])).sort((a, b) => a.stepMs - b.stepMs);
}

/**
 * @param {number} ms
 * @returns {string} two digits at least
 */
function milliseconds(ms) {
  return `${ms < 10 ? Number(ms.toPrecision(2)) : Math.round(ms).toLocaleString("en")} ms`;
}
