// The form of a configuration: how a person chooses each of its parts, and each number of a part. One row for each kind that the core knows
// (src/types.d.ts); the type check fails where a row or a field is missing. Ranges are the core's (`limits()` and `describe()`).

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").Role} Role */
/** @typedef {import("./forms.d.ts").Field} Field */
/** @typedef {import("./forms.d.ts").Field<number>} NumberField */

/**
 * Both roles, in the order of the form.
 * @type {readonly Role[]}
 */
export const ROLES = ["generator", "discriminator"];

/**
 * @param {string} label
 * @param {number} initial
 * @param {Field["limit"]} [limit]
 * @returns {NumberField}
 */
const real = (label, initial, limit = null) => ({ label, initial, limit, integer: false });
/**
 * @param {string} label
 * @param {number} initial
 * @param {Field["limit"]} limit
 * @returns {NumberField}
 */
const whole = (label, initial, limit) => ({ label, initial, limit, integer: true });

const CONVOLUTION = {
  channels: whole("Channels", 32, "units"), kernel: whole("Kernel", 4, "kernel"), stride: whole("Stride", 2, "stride"),
  padding: whole("Padding", 1, "padding"), bias: { label: "Bias", initial: true, limit: null, integer: false },
};

/** @type {import("./forms.d.ts").LayerForms} */
export const LAYERS = {
  linear: { label: "Linear", fields: { units: whole("Units", 128, "units") } },
  conv2d: { label: "Conv2d", fields: CONVOLUTION },
  convTranspose2d: { label: "ConvTranspose2d", fields: CONVOLUTION },
  reshape: { label: "Reshape", fields: { channels: whole("Channels", 32, "units"), height: whole("Height", 7, "side"), width: whole("Width", 7, "side") } },
  flatten: { label: "Flatten", fields: {} },
  upsample: { label: "Upsample ×2", fields: {} },
  batchNorm: { label: "BatchNorm", fields: { momentum: real("Momentum", 0.8), eps: real("Epsilon", 1e-3) }, leastBatch: 2 },
  dropout: { label: "Dropout", fields: { rate: real("Rate", 0.3) } },
  leakyRelu: { label: "LeakyReLU", fields: { slope: real("Slope", 0.2) }, isHiddenActivation: true },
  relu: { label: "ReLU", fields: {}, isHiddenActivation: true },
  elu: { label: "ELU", fields: { alpha: real("α", 1) }, isHiddenActivation: true },
  silu: { label: "SiLU", fields: {}, isHiddenActivation: true },
  tanh: { label: "tanh", fields: {} },
  sigmoid: { label: "sigmoid", fields: {} },
};

/** @type {import("./forms.d.ts").Forms<import("../../src/types.d.ts").OptimizerConfig>} */
export const OPTIMIZERS = {
  adam: { label: "Adam", fields: { beta1: real("β1", 0.5), beta2: real("β2", 0.999), eps: real("Epsilon", 1e-7) } },
  rmsProp: { label: "RMSProp", fields: { alpha: real("α", 0.99), eps: real("Epsilon", 1e-8) } },
  sgd: { label: "SGD", fields: { momentum: real("Momentum", 0) } },
};

const SMOOTHING = real("Label smoothing", 0, "labelSmoothing");

/** @type {import("./forms.d.ts").Forms<import("../../src/types.d.ts").LossConfig>} */
export const LOSSES = {
  bce: { label: "Cross-entropy", fields: { labelSmoothing: SMOOTHING } },
  bceSaturating: { label: "Cross-entropy, minimax (saturating)", fields: { labelSmoothing: SMOOTHING } },
  leastSquares: { label: "Least squares", fields: { labelSmoothing: SMOOTHING } },
  hinge: { label: "Hinge", fields: {} },
  wasserstein: { label: "Wasserstein, weights clipped", fields: { clip: real("Weights within ±", 0.01, "weightClip") } },
  wassersteinGp: { label: "Wasserstein, gradient penalty", fields: { penalty: real("Penalty", 10, "penalty") } },
  relativistic: { label: "Relativistic: real against generated, in pairs", fields: {} },
};

/**
 * How D hears of labels.
 * @type {import("./forms.d.ts").Forms<import("../../src/types.d.ts").DiscriminatorLabels>}
 */
export const DISCRIMINATOR_LABELS = {
  off: { label: "Not told", fields: {} },
  projection: { label: "By projection", fields: {} },
  concat: { label: "Beside the first linear layer’s input", fields: { scale: real("Scale", 1, "labelScale") } },
};

/**
 * How G hears of labels.
 * @type {{[How in import("../../src/types.d.ts").LabelsConfig["generator"]]: string}}
 */
export const GENERATOR_LABELS = { off: "Not told", oneHot: "Beside the latent numbers" };

/** @type {import("./forms.d.ts").Forms<import("../../src/types.d.ts").ScheduleConfig>} */
export const SCHEDULES = {
  constant: { label: "Constant", fields: {} },
  linear: {
    label: "Falls in a straight line",
    fields: { from: whole("From step", 2000, "phases"), to: whole("To step", 5000, "phases"), factor: real("To this share of it", 0.1) },
  },
  inverseSqrt: { label: "Falls as 1/√step", fields: { from: whole("From step", 250, "phases") } },
};

/**
 * Update orders by name; null where an order belongs to the toy's presets and is not offered for pictures.
 * @type {{[Order in GanConfig["order"]]: string | null}}
 */
const ALL_UPDATE_ORDERS = {
  joint: "D on both halves at once, then G",
  kerasTwoUpdates: "D on real, D on generated, then G (Keras)",
  sumSameZ: "D on both halves, G on the same fakes (PyTorch’s tutorial)",
  realThenFakeSameLatents: null,
  fakeThenGeneratorThenReal: null,
};

/** Update orders that can be chosen, with their names. */
export const UPDATE_ORDERS = Object.fromEntries(
  Object.entries(ALL_UPDATE_ORDERS).flatMap(([order, name]) => (name === null ? [] : [[order, name]])),
);

/** @type {{[Init in GanConfig["init"]]: string}} */
export const INITS = {
  glorotUniform: "Glorot uniform (Keras)",
  dcganNormal: "Normal, deviation 0.02 (DCGAN)",
  fanInUniform: "Uniform by fan-in (PyTorch)",
  standardNormal: "Standard normal",
};

/** @type {{[Kind in GanConfig["latent"]["kind"]]: string}} */
export const LATENTS = { normal: "Standard normal", uniform: "Uniform from 0 to 1" };

/** @type {import("./forms.d.ts").NumberForms} */
export const NUMBERS = {
  "latent.dim": whole("Latent numbers (z)", 64, "units"),
  "discriminatorUpdates": whole("D updates in a step", 1, "updates"),
  "generatorUpdates": whole("G updates in a step", 1, "updates"),
  "emaDecay": { ...real("Average’s decay, if any", 0.995, "emaDecay"), optional: true },
};

/**
 * The gradient clip of each player.
 * @type {NumberField}
 */
export const CLIP_NORM = { ...real("Gradient clip, if any", 1, "gradientClipNorm"), optional: true };

/**
 * Penalties on D's slope, by their name in the configuration.
 * @type {{readonly [Name in "r1" | "r2"]: NumberField}}
 */
export const GAMMAS = {
  r1: { ...real("R1, γ, if any", 0.5, "penalty"), optional: true },
  r2: { ...real("R2, γ, if any", 0.5, "penalty"), optional: true },
};

/**
 * Numbers of the approximated R1, where it is on.
 * @type {{readonly [Name in "weight" | "deviation"]: NumberField}}
 */
export const APPROXIMATED_R1 = { weight: real("Its weight", 100, "penalty"), deviation: real("Deviation of the noise", 0.01, "deviation") };
