// The networks of the workloads, as the peers build them, and what all libraries start from. www/bench/bench.js says how tensors are named.

import { normals, uniforms } from "../random.js"; // compare.js serves dist/ above this folder.

const RATE = 2e-4;

/**
 * A layer with weights; a BatchNorm belongs to the one before it.
 * @typedef {{kind: "dense", index: number, from: number, to: number}
 *   | {kind: "conv" | "convTranspose", index: number, from: number, to: number}
 *   | {kind: "norm", index: number, channels: number}
 *   | {kind: "leaky" | "tanh" | "sigmoid" | "flatten"}
 *   | {kind: "picture", shape: [number, number, number]}} Layer
 */

const dense = (index, from, to) => ({ kind: "dense", index, from, to });
const conv = (kind, index, from, to) => ({ kind, index, from, to });
const norm = (index, channels) => ({ kind: "norm", index, channels });
const LEAKY = { kind: "leaky" };
const TANH = { kind: "tanh" };

/** @returns {{latent: number, values: number, g: Layer[], d: Layer[]}} `values`: of a sample */
function networks(workload) {
  switch (workload) {
    case "mlp-b64":
    case "mlp-b256":
    case "sample-64": {
      const widths = [100, 256, 512, 1024];
      const hidden = [0, 1, 2].flatMap((i) => [dense(i, widths[i], widths[i + 1]), LEAKY, norm(i, widths[i + 1])]);
      return {
        latent: 100, values: 784,
        g: [...hidden, dense(3, 1024, 784), TANH],
        d: [dense(0, 784, 512), LEAKY, dense(1, 512, 256), LEAKY, dense(2, 256, 1)],
      };
    }
    case "dcgan-b64":
    case "sample-64-dcgan":
      return {
        latent: 100, values: 784,
        g: [
          dense(0, 100, 6272), norm(0, 6272), LEAKY, { kind: "picture", shape: [128, 7, 7] },
          conv("convTranspose", 1, 128, 64), norm(1, 64), LEAKY, conv("convTranspose", 2, 64, 1), TANH, { kind: "flatten" },
        ],
        d: [
          { kind: "picture", shape: [1, 28, 28] }, conv("conv", 0, 1, 64), LEAKY, conv("conv", 1, 64, 128), LEAKY,
          { kind: "flatten" }, dense(2, 6272, 1),
        ],
      };
    case "toy-2x2":
      return { latent: 1, values: 4, g: [dense(0, 1, 4), { kind: "sigmoid" }], d: [dense(0, 4, 1)] };
    default:
      throw new RangeError(`there is no workload "${workload}"`);
  }
}

/** Everything about a workload but its numbers. */
export function workloadOf(name) {
  const isToy = name === "toy-2x2";
  return {
    ...networks(name),
    isToy,
    batch: isToy ? 1 : name === "mlp-b256" ? 256 : 64,
    rate: isToy ? 0.01 : RATE,
    adam: isToy ? null : { beta1: 0.5, beta2: 0.999, eps: 1e-7 },
    // Keras' sense: the share of the old statistics that is kept.
    norm: { momentum: 0.8, eps: 1e-3 },
    slope: 0.2,
    kernel: 4, stride: 2, padding: 1,
  };
}

/** First values by Glorot's rule, biases 0, gammas 1: `{ g: { w0: { shape, data } … }, d }`. */
export function firstWeights(workload, seed) {
  const draw = uniforms(seed);
  const { g, d, kernel } = workloadOf(workload);
  const filled = (shape, make) => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, make) });
  const tensors = (layers) => {
    const named = {};
    for (const layer of layers) {
      if (layer.kind === "norm") {
        named[`gamma${layer.index}`] = filled([layer.channels], () => 1);
        named[`beta${layer.index}`] = filled([layer.channels], () => 0);
      }
      if (!("from" in layer)) continue;
      const { kind, index, from, to } = layer;
      const taps = kind === "dense" ? 1 : kernel * kernel;
      const limit = Math.sqrt(6 / (taps * (from + to)));
      const shape = { dense: [from, to], conv: [to, from, kernel, kernel], convTranspose: [from, to, kernel, kernel] }[kind];
      named[`w${index}`] = filled(shape, () => limit * (2 * draw() - 1));
      named[`b${index}`] = filled([to], () => 0);
    }
    return named;
  };
  return { g: tensors(g), d: tensors(d) };
}

/**
 * What `bench.init` takes: weights, real batches and latents, the same in every page that asks with this seed.
 * @param {string} workload
 * @param {number} seed
 * @param {Float32Array} reals rows of real samples
 */
export function inputsOf(workload, seed, reals) {
  const { latent, values, batch, isToy } = workloadOf(workload);
  const draw = uniforms(seed + 1);
  const rows = reals.length / values;
  let at = 0;
  const normal = normals(draw);
  const number = isToy ? draw : () => -normal(); // Mirrored: the latents that the figures of docs/speed.md were measured with.
  const latents = (count) => Float32Array.from({ length: count * latent }, number);
  return {
    weights: firstWeights(workload, seed),
    nextReal() {
      const real = new Float32Array(batch * values);
      for (let row = 0; row < batch; row++, at = (at + 1) % rows) {
        real.set(reals.subarray(at * values, (at + 1) * values), row * values);
      }
      return real;
    },
    nextZ: () => latents(batch),
    nextSampleZ: latents,
  };
}
