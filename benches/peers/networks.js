// The networks of the workloads, as the peers build them, and what all libraries start from. www/bench/bench.js says how tensors are named.

const RATE = 2e-4;

/**
 * A layer with weights; a BatchNorm belongs to the one before it. "project" is a dense layer with 1 + classes columns, of which a row's output
 * adds up the first and the one of its class; its only bias is the first column's.
 * @typedef {{kind: "dense" | "project", index: number, from: number, to: number}
 *   | {kind: "conv" | "convTranspose", index: number, from: number, to: number}
 *   | {kind: "norm", index: number, channels: number}
 *   | {kind: "leaky" | "tanh" | "sigmoid" | "flatten"}
 *   | {kind: "picture", shape: [number, number, number]}} Layer
 */

/** Classes of the digits, of which the digits-… workloads tell both networks. */
const CLASSES = 10;

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
    case "digits-b32":
    case "digits-b64":
      return {
        latent: 64, values: 784,
        g: [
          dense(0, 64 + CLASSES, 256), norm(0, 256), LEAKY, dense(1, 256, 784), norm(1, 784), LEAKY, { kind: "picture", shape: [16, 7, 7] },
          conv("convTranspose", 2, 16, 8), norm(2, 8), LEAKY, conv("convTranspose", 3, 8, 1), TANH, { kind: "flatten" },
        ],
        d: [
          { kind: "picture", shape: [1, 28, 28] }, conv("conv", 0, 1, 8), LEAKY, conv("conv", 1, 8, 16), LEAKY, { kind: "flatten" },
          dense(2, 784, 128), LEAKY, { kind: "project", index: 3, from: 128, to: 1 + CLASSES },
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
  const isLabelled = name.startsWith("digits");
  return {
    ...networks(name),
    isToy,
    batch: isToy ? 1 : Number(/-b(\d+)$/.exec(name)?.[1] ?? 64),
    rate: isToy ? 0.01 : isLabelled ? 5e-3 : RATE,
    adam: isToy ? null : { beta1: 0.5, beta2: isLabelled ? 0.99 : 0.999, eps: 1e-7 },
    /** 0: no labels. */
    classes: isLabelled ? CLASSES : 0,
    /** Gamma of the exact R1 penalty on real samples, (gamma / 2) * mean of |gradient of D by the pixels|^2; null: none. */
    r1: isLabelled ? 0.5 : null,
    // Keras' sense: the share of the old statistics that is kept.
    norm: { momentum: 0.8, eps: 1e-3 },
    slope: 0.2,
    kernel: 4, stride: 2, padding: 1,
  };
}

/** Update from which on the learning rate of a digits-… workload falls, as the root of 250 / n. */
const DECAY_FROM = 250;

/**
 * @param {{isToy: boolean, classes: number, rate: number}} workload
 * @param {number} update counted from 1
 * @returns {number}
 */
export function rateAt({ classes, rate }, update) {
  return classes > 0 ? rate * Math.min(1, Math.sqrt(DECAY_FROM / update)) : rate;
}

/**
 * One-hot rows.
 * @param {Uint8Array} labels
 * @param {number} classes
 * @param {Float32Array} [before] rows that each label is put after, row-major [labels.length, before.length / labels.length]
 * @returns {Float32Array} row-major [labels.length, width of `before` + classes]
 */
export function withLabels(labels, classes, before = new Float32Array(0)) {
  const width = before.length / labels.length;
  const rows = new Float32Array(labels.length * (width + classes));
  labels.forEach((label, row) => {
    rows.set(before.subarray(row * width, (row + 1) * width), row * (width + classes));
    rows[row * (width + classes) + width + label] = 1;
  });
  return rows;
}

/**
 * Which outputs of a "project" layer count.
 * @param {Uint8Array} labels
 * @param {number} classes
 * @returns {Float32Array} 0 or 1, row-major [labels.length, 1 + classes]
 */
export function countedColumns(labels, classes) {
  return withLabels(labels, classes, new Float32Array(labels.length).fill(1));
}

/** First values by Glorot's rule, biases 0, gammas 1: `{ g: { w0: { shape, data } … }, d }`. */
export function firstWeights(workload, seed, { uniforms }) {
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
      const taps = kind.startsWith("conv") ? kernel * kernel : 1;
      const limit = Math.sqrt(6 / (taps * (from + to)));
      const shape = { conv: [to, from, kernel, kernel], convTranspose: [from, to, kernel, kernel] }[kind] ?? [from, to];
      named[`w${index}`] = filled(shape, () => limit * (2 * draw() - 1));
      named[`b${index}`] = filled([kind === "project" ? 1 : to], () => 0);
    }
    return named;
  };
  return { g: tensors(g), d: tensors(d) };
}

/**
 * What `bench.init` takes: weights, real batches, latents and labels, the same for everyone that asks with this seed.
 * @param {string} workload
 * @param {number} seed
 * @param {{reals: Float32Array, labels: Uint8Array}} data rows of real samples, and a label for each where the workload has classes
 * @param {typeof import("../../www/random.js")} random the page and Node find that module under different addresses
 */
export function inputsOf(workload, seed, { reals, labels }, random) {
  const { latent, values, batch, isToy, classes } = workloadOf(workload);
  const draw = random.uniforms(seed + 1);
  const drawLabel = random.uniforms(seed + 2);
  const rows = reals.length / values;
  let at = 0;
  let nextLabels = new Uint8Array(0);
  const normal = random.normals(draw);
  const number = isToy ? draw : () => -normal(); // Mirrored: the latents that the figures of docs/speed.md were measured with.
  const latents = (count) => Float32Array.from({ length: count * latent }, number);
  return {
    weights: firstWeights(workload, seed, random),
    nextReal() {
      const real = new Float32Array(batch * values);
      nextLabels = new Uint8Array(batch);
      for (let row = 0; row < batch; row++, at = (at + 1) % rows) {
        real.set(reals.subarray(at * values, (at + 1) * values), row * values);
        nextLabels[row] = labels[at];
      }
      return real;
    },
    nextLabels: () => nextLabels,
    nextZ: () => latents(batch),
    nextFakeLabels: () => Uint8Array.from({ length: batch }, () => Math.floor(classes * drawLabel())),
    nextSampleZ: latents,
  };
}
