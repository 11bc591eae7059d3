// The workloads of the benchmark page, as configurations of the core. Pure data.

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").LayerConfig} LayerConfig */

/** @type {LayerConfig} */
const LEAKY = { type: "leakyRelu", slope: 0.2 };
/** @type {LayerConfig} */
const NORM = { type: "batchNorm", momentum: 0.8, eps: 1e-3 };
/** @type {LayerConfig} */
const TANH = { type: "tanh" };

/**
 * @param {number} units
 * @returns {LayerConfig}
 */
const linear = (units) => ({ type: "linear", units });

/**
 * @param {"conv2d" | "convTranspose2d"} type
 * @param {number} channels
 * @returns {LayerConfig}
 */
const conv = (type, channels) => ({ type, channels, kernel: 4, stride: 2, padding: 1, bias: true });

/**
 * Two networks for MNIST, trained by cross-entropy and Adam(2e-4, 0.5, 0.999, 1e-7).
 * @param {GanConfig} base any preset for MNIST
 * @param {string} name
 * @param {number} batchSize
 * @param {LayerConfig[]} generator
 * @param {LayerConfig[]} discriminator
 * @returns {GanConfig}
 */
function images(base, name, batchSize, generator, discriminator) {
  /**
   * @param {LayerConfig[]} layers
   * @returns {GanConfig["generator"]}
   */
  const player = (layers) => ({
    layers,
    optimizer: { type: "adam", beta1: 0.5, beta2: 0.999, eps: 1e-7 },
    learningRate: 2e-4,
    gradientClipNorm: null,
  });
  return {
    ...base,
    name,
    batchSize,
    latent: { kind: "normal", dim: 100 },
    labels: null,
    init: "glorotUniform",
    loss: { type: "bce", labelSmoothing: 0 },
    gradientPenalties: { r1: null, r2: null, approximatedR1: null },
    schedule: { type: "constant" },
    order: "joint",
    discriminatorLossScale: 0.5,
    discriminatorUpdates: 1,
    generatorUpdates: 1,
    emaDecay: null,
    generator: player(generator),
    discriminator: player(discriminator),
  };
}

const MLP_GENERATOR = [...[256, 512, 1024].flatMap((units) => [linear(units), LEAKY, NORM]), linear(784), TANH];
const MLP_DISCRIMINATOR = [linear(512), LEAKY, linear(256), LEAKY, linear(1)];
/** @type {LayerConfig[]} */
const DCGAN_GENERATOR = [
  linear(6272), NORM, LEAKY,
  { type: "reshape", channels: 128, height: 7, width: 7 },
  conv("convTranspose2d", 64), NORM, LEAKY,
  conv("convTranspose2d", 1), TANH,
];
/** @type {LayerConfig[]} */
const DCGAN_DISCRIMINATOR = [
  { type: "reshape", channels: 1, height: 28, width: 28 },
  conv("conv2d", 64), LEAKY,
  conv("conv2d", 128), LEAKY,
  { type: "flatten" },
  linear(1),
];

const DIGIT_CLASSES = 10;
/** @type {LayerConfig[]} */
const DIGITS_GENERATOR = [
  linear(256), NORM, LEAKY, linear(784), NORM, LEAKY,
  { type: "reshape", channels: 16, height: 7, width: 7 },
  conv("convTranspose2d", 8), NORM, LEAKY,
  conv("convTranspose2d", 1), TANH,
];
/** @type {LayerConfig[]} */
const DIGITS_DISCRIMINATOR = [
  { type: "reshape", channels: 1, height: 28, width: 28 },
  conv("conv2d", 8), LEAKY,
  conv("conv2d", 16), LEAKY,
  { type: "flatten" },
  linear(128), LEAKY,
  linear(1 + DIGIT_CLASSES),
];

/**
 * Networks that are told the classes, with R1 and a falling learning rate. Written out, so that the workload stays the same when the preset
 * mnist-digits is tuned; and without the average of G's weights, which other libraries would have to keep too.
 * @param {GanConfig} base any preset for MNIST
 * @param {string} name
 * @param {number} batchSize
 * @returns {GanConfig}
 */
function digits(base, name, batchSize) {
  const config = images(base, name, batchSize, DIGITS_GENERATOR, DIGITS_DISCRIMINATOR);
  /** @type {Pick<GanConfig["generator"], "optimizer" | "learningRate">} */
  const adam = { optimizer: { type: "adam", beta1: 0.5, beta2: 0.99, eps: 1e-7 }, learningRate: 5e-3 };
  return {
    ...config,
    latent: { kind: "normal", dim: 64 },
    labels: { classes: DIGIT_CLASSES, generator: "oneHot", discriminator: { type: "projection" } },
    gradientPenalties: { r1: 0.5, r2: null, approximatedR1: null },
    schedule: { type: "inverseSqrt", from: 250 },
    generator: { ...config.generator, ...adam },
    discriminator: { ...config.discriminator, ...adam },
  };
}

/** All workloads. Those called `sample-…` make samples with the networks of `mlp-b64` and `dcgan-b64`; the others train. */
export const WORKLOADS = /** @type {const} */ (["mlp-b64", "mlp-b256", "dcgan-b64", "digits-b32", "digits-b64", "toy-2x2", "sample-64", "sample-64-dcgan"]);

/**
 * @param {string} workload one of WORKLOADS
 * @param {(preset: string) => GanConfig} preset
 * @returns {GanConfig}
 */
export function workloadConfig(workload, preset) {
  const base = preset("mnist-keras");
  switch (workload) {
    case "mlp-b64":
    case "sample-64":
      return images(base, workload, 64, MLP_GENERATOR, MLP_DISCRIMINATOR);
    case "mlp-b256":
      return images(base, workload, 256, MLP_GENERATOR, MLP_DISCRIMINATOR);
    case "dcgan-b64":
    case "sample-64-dcgan":
      return images(base, workload, 64, DCGAN_GENERATOR, DCGAN_DISCRIMINATOR);
    case "digits-b32":
      return digits(base, workload, 32);
    case "digits-b64":
      return digits(base, workload, 64);
    case "toy-2x2":
      return preset("toy-2x2");
    default:
      throw new RangeError(`there is no workload "${workload}"; there are ${WORKLOADS.join(", ")}`);
  }
}

/**
 * The core's name of a tensor of the benchmark's inputs: the i-th `w`, `b`, `gamma` or `beta` of a network (`w` and `b` alone are the first).
 * @param {string} name as in "w0"
 * @param {readonly string[]} own the network's names, in layer order, as in "0.weight"
 * @returns {string}
 */
export function tensorName(name, own) {
  const kinds = { w: "weight", b: "bias", gamma: "gamma", beta: "beta" };
  const match = /^(w|b|gamma|beta)(\d*)$/.exec(name);
  if (match) {
    const kind = kinds[/** @type {keyof typeof kinds} */ (match[1])];
    // A BatchNorm belongs to the weights before it; layers count from those.
    let layer = -1;
    for (const candidate of own) {
      if (candidate.endsWith(".weight")) layer++;
      if (candidate.endsWith(`.${kind}`) && layer === Number(match[2])) return candidate;
    }
  }
  throw new RangeError(`there is no tensor "${name}"; the network has ${own.join(", ")}`);
}
