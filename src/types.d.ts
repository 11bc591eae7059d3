// Types of everything that crosses between WebAssembly and JavaScript.
//
// Three things cross: number arrays, plain camelCase objects, and errors, each a `CoreError`.
// `src/web/mod.rs` pastes this file into `pkg/*/gan_playground.d.ts`; `tests/web.rs` holds it to what serde really sends.

/** What every function and method here throws or rejects with. `message` names the field, the value and what was expected. */
export interface CoreError extends Error {
  /** Stable code of the kind of error. */
  name: "invalidConfig" | "invalidBatch" | "nonFinite" | "device";
  /** Path of the field at fault, as in "generator.layers[2].units"; absent where the error is about no single field. */
  field?: string;
}

/** Where the tensors live: Burn's flex backend in WASM ("cpu") or burn-wgpu ("webgpu"). */
export type BackendKind = "cpu" | "webgpu";

/** Which of the two players is meant. */
export type Role = "generator" | "discriminator";

/** Shape of the image that a sample becomes for the eye; the trainer sees only its flat row of `width * height` values. */
export interface SampleShape {
  width: number;
  height: number;
  /** Smallest and largest value a sample may take, e.g. [-1, 1] for MNIST, [0, 1] for the toy. */
  range: [number, number];
}

/** Distribution of the latent z: standard normal, or uniform in [0, 1). */
export type LatentKind = "normal" | "uniform";

/** One layer of a network, as data. */
export type LayerConfig =
  | { type: "linear"; units: number }
  /** `channels` out; square kernel; a side of n becomes (n + 2 padding - kernel) / stride + 1, rounded down. */
  | { type: "conv2d"; channels: number; kernel: number; stride: number; padding: number; bias: boolean }
  /** `channels` out; square kernel; a side of n becomes (n - 1) stride - 2 padding + kernel. */
  | { type: "convTranspose2d"; channels: number; kernel: number; stride: number; padding: number; bias: boolean }
  /** Turns a flat row into feature maps of `channels * height * width` values, in this order. */
  | { type: "reshape"; channels: number; height: number; width: number }
  /** Turns feature maps into a flat row, channel by channel, row by row. */
  | { type: "flatten" }
  /** Each pixel becomes a square of 2 × 2 (nearest neighbour): a side of n becomes 2n. */
  | { type: "upsample" }
  /** Normalises each feature of a flat row, or each channel of feature maps. `momentum` is Keras': the share of the old running value that is kept. */
  | { type: "batchNorm"; momentum: number; eps: number }
  /** `rate` is the share of values set to 0 while training; the others are divided by 1 - rate. */
  | { type: "dropout"; rate: number }
  | { type: "leakyRelu"; slope: number }
  | { type: "relu" }
  /** `alpha * (exp(x) - 1)` where x is negative. */
  | { type: "elu"; alpha: number }
  /** `x / (1 + exp(-x))` */
  | { type: "silu" }
  | { type: "tanh" }
  | { type: "sigmoid" };

/** Optimizer without its learning rate. */
export type OptimizerConfig =
  | { type: "sgd"; momentum: number }
  | { type: "adam"; beta1: number; beta2: number; eps: number }
  /** `alpha` is the decay of the mean square. */
  | { type: "rmsProp"; alpha: number; eps: number };

/**
 * What both players minimise, from raw outputs r of D on real and f on generated samples; means over the batch.
 * `labelSmoothing` s makes the target of real samples 1 - s (one-sided).
 * - "bce": D softplus(-r) + softplus(f), G softplus(-f): cross-entropy, non-saturating.
 * - "bceSaturating": D the same, G -softplus(f): the minimax game of Goodfellow 2014, eq. 1.
 * - "leastSquares": D (r - 1 + s)^2 / 2 + f^2 / 2, G (f - 1)^2 / 2.
 * - "hinge": D max(0, 1 - r) + max(0, 1 + f), G -f.
 * - "wasserstein": D f - r, its parameters clamped to ±clip after each update; G -f.
 * - "wassersteinGp": D f - r + penalty * (|gradient of D at a point between real and fake| - 1)^2; G -f.
 *   D of layers made of straight lines: none but linear, convolutions, reshape, flatten, upsample, dropout, leakyRelu, relu.
 * - "relativistic": D softplus(f - r), G softplus(r - f), a real and a generated sample in each pair; G's partners are the real samples of D's
 *   last update, which D judges anew. Update orders "joint" and "sumSameZ" only.
 */
export type LossConfig =
  | { type: "bce"; labelSmoothing: number }
  | { type: "bceSaturating"; labelSmoothing: number }
  | { type: "leastSquares"; labelSmoothing: number }
  | { type: "hinge" }
  | { type: "wasserstein"; clip: number }
  | { type: "wassersteinGp"; penalty: number }
  | { type: "relativistic" };

/** One of the two players: its layers, its optimizer, its learning rate. */
export interface PlayerConfig {
  layers: LayerConfig[];
  optimizer: OptimizerConfig;
  learningRate: number;
  /** Longest gradient, as the norm over all parameters of this player; longer ones are scaled down. null: no limit. */
  gradientClipNorm: number | null;
}

/**
 * Update order: how a step is arranged. BatchNorm takes the statistics of the batch, and the running ones follow it, but where running
 * statistics are named.
 * - "joint": D is updated once on the real and the fake batch, each normalised by its own statistics; then G on fresh latents.
 * - "kerasTwoUpdates": D is updated on the real batch, then on fakes that were made by running statistics (Keras' `predict`); then G on fresh latents.
 * - "sumSameZ": as "joint", but G is updated on the same fakes, through the D just updated (PyTorch's DCGAN tutorial).
 * - "realThenFakeSameLatents": D is updated on the real batch, then on the fake one; then G on the same latents (the notebook's toy).
 * - "fakeThenGeneratorThenReal": D is updated on the fake batch, then G on the same latents, then D on the real batch (the toy in seed S2's prose).
 */
export type UpdateOrder = "joint" | "kerasTwoUpdates" | "sumSameZ" | "realThenFakeSameLatents" | "fakeThenGeneratorThenReal";

/**
 * First values: Keras' Glorot uniform with zero biases; normal with deviation 0.02 and zero biases (DCGAN); uniform within
 * 1 / sqrt(fan in), biases too (PyTorch's default); or standard normal for weights and biases (the toy).
 */
export type Init = "glorotUniform" | "dcganNormal" | "fanInUniform" | "standardNormal";

/**
 * Classes of the samples, and how each player hears of them. A label is a whole number below `classes`.
 * - `generator`: "oneHot": a value for each class follows the latent, 1 for the sample's own class and 0 for the others; "off": it is not told.
 * - `discriminator`: "projection": the last layer gives `1 + classes` values, of which only the first has a bias, and the raw output is the first plus
 *   that of the sample's class; "concat": a value for each class, `scale` for the sample's own and 0 for the others, joins the input of
 *   the first linear layer; "off": it is not told.
 */
export interface LabelsConfig {
  classes: number;
  generator: "off" | "oneHot";
  discriminator: DiscriminatorLabels;
}

export type DiscriminatorLabels =
  | { type: "off" }
  | { type: "projection" }
  | { type: "concat"; scale: number };

/**
 * Penalties on D's slope, added to its loss after `discriminatorLossScale`; null: none. The gradient of the raw output is taken by the sample's
 * values, never by its label. For `r1` and `r2` D has only layers made of straight lines, as for the loss "wassersteinGp"; for `approximatedR1` no
 * batchNorm. In update orders with a D update for each half, r1 and approximatedR1 belong to the real half, r2 to that of the fakes.
 */
export interface GradientPenalties {
  /** γ / 2 times the mean squared norm of the gradient at real samples. */
  r1: number | null;
  /** The same at generated samples. */
  r2: number | null;
  /** `weight * mean((D(x) - D(x + deviation * noise))^2)` over real samples x, with standard normal noise. */
  approximatedR1: { weight: number; deviation: number } | null;
}

/**
 * The factor on each player's learning rate at its phase n, counted from 1.
 * - "linear": 1 up to phase `from`, then along a straight line to `factor` at phase `to`, which stays.
 * - "inverseSqrt": `min(1, sqrt(from / n))`
 */
export type ScheduleConfig =
  | { type: "constant" }
  | { type: "linear"; from: number; to: number; factor: number }
  | { type: "inverseSqrt"; from: number };

/**
 * Everything that decides a run, but for the seed and the data. A missing or unknown key is an error; only `labels`, `gradientPenalties` and
 * `schedule` may be missing, as from configurations of the first release, and mean none then.
 */
export interface GanConfig {
  /** Name of the preset it came from. */
  name: string;
  shape: SampleShape;
  latent: { kind: LatentKind; dim: number };
  /** null: samples have no labels. */
  labels: LabelsConfig | null;
  init: Init;
  batchSize: number;
  loss: LossConfig;
  gradientPenalties: GradientPenalties;
  /** How both learning rates change while the run goes on. */
  schedule: ScheduleConfig;
  order: UpdateOrder;
  /** D's loss is this times (loss on the real batch + loss on the fake one): 0.5 for the mean over both batches, 1 for their sum. */
  discriminatorLossScale: number;
  /** Updates of D in a step, each on a real batch of its own. 1 in the update orders that use the same latents again. */
  discriminatorUpdates: number;
  /** Updates of G in a step, each on fresh latents. 1 in the update orders that use the same latents again. */
  generatorUpdates: number;
  /** Decay of the moving average of G's weights that the picture may show; null: none is kept. */
  emaDecay: number | null;
  /** Its last layer must give `width * height` values. */
  generator: PlayerConfig;
  /** Its last layer must give 1 value, the logit, or with labels by projection `1 + classes`. The score shown is its sigmoid. */
  discriminator: PlayerConfig;
}

/** Ranges that the form offers and `createSession` enforces; both ends are allowed. */
export interface Limits {
  seed: [number, number];
  /** Classes of the samples. */
  classes: [number, number];
  /** `scale` of labels that join D's values. */
  labelScale: [number, number];
  batchSize: [number, number];
  learningRate: [number, number];
  /** Width of any layer, and of the latent. */
  units: [number, number];
  /** Layers of one network. */
  layers: [number, number];
  /** Trainable parameters of one network. */
  parameters: [number, number];
  /** Side of a sample or of a feature map, in pixels. */
  side: [number, number];
  /** Side of a convolution's kernel. */
  kernel: [number, number];
  /** Stride of a convolution. */
  stride: [number, number];
  /** Padding of a convolution. */
  padding: [number, number];
  /** Updates of one player within a step. */
  updates: [number, number];
  labelSmoothing: [number, number];
  /** `clip` of the Wasserstein loss. */
  weightClip: [number, number];
  /** `penalty` of the Wasserstein loss with gradient penalty. */
  penalty: [number, number];
  /** Deviation of the noise beside a real sample, in the approximated R1. */
  deviation: [number, number];
  /** Phase of a player that a schedule names. */
  phases: [number, number];
  gradientClipNorm: [number, number];
  emaDecay: [number, number];
}

/** One row of a network's summary. */
export interface LayerInfo {
  /** In words: "Linear 64 → 128", "BatchNorm 128". */
  label: string;
  /** Parameters as Keras' summary counts them: running statistics included. */
  parameters: number;
}

export interface NetworkInfo {
  layers: LayerInfo[];
  /** As Keras' summary counts them: trainable and running statistics. */
  parameters: number;
  trainableParameters: number;
}

export interface SessionInfo {
  name: string;
  seed: number;
  backend: BackendKind;
  shape: SampleShape;
  sampleDim: number;
  latentDim: number;
  /** Number of classes; 0 where samples have no labels. */
  classes: number;
  generator: NetworkInfo;
  discriminator: NetworkInfo;
}

/**
 * What one step, phase or single update measured, each figure before the update it belongs to; where a player has several updates in
 * a step, the last one's. Losses of the bce kinds are in nats. Raw outputs are D's logits (a critic's values), scores their sigmoid; both
 * are means over the batch. A figure is null where its update was not made; those of a penalty also where it is not configured; lossDReal and
 * lossDFake also for the loss "relativistic", which has no halves.
 */
export interface StepRecord {
  /** Steps (one D phase and one G phase each) that were complete after it. */
  step: number;
  /** What D minimises: discriminatorLossScale * (lossDReal + lossDFake), plus all penalties. */
  lossD: number | null;
  lossDReal: number | null;
  lossDFake: number | null;
  /** Sum of all penalties on D's slope, their factors included. */
  penalty: number | null;
  /** R1, its factor included. */
  penaltyReal: number | null;
  /** R2, its factor included. */
  penaltyFake: number | null;
  /** The approximated R1, its factor included. */
  penaltyApproximated: number | null;
  /** Mean norm of D's input gradient: on the real batch with R1, else at the points where the penalty of "wassersteinGp" pulls it to 1. */
  gradientNorm: number | null;
  /** The same on D's fakes, with R2. */
  gradientNormFake: number | null;
  lossG: number | null;
  /** Mean raw output of D on the real batch. */
  logitReal: number | null;
  /** The same on the fakes that D was updated on. */
  logitFake: number | null;
  /** The same on the fakes that G was updated on. */
  logitGenerated: number | null;
  scoreReal: number | null;
  scoreFake: number | null;
  scoreGenerated: number | null;
}

/** A parameter or running statistic, read back. */
export interface NamedTensor {
  /** Whose network it belongs to. */
  network: Role;
  /** "<layer index>.<weight|bias|gamma|beta|runningMean|runningVar>", e.g. "0.weight". */
  name: string;
  /** Row-major; linear weights are [in, out], conv2d's [out, in, kernel, kernel], convTranspose2d's [in, out, kernel, kernel]. */
  shape: number[];
  values: Float32Array;
}

/**
 * One update within a step, by what it takes.
 * - "real": D is updated on real samples `[n * sampleDim]`.
 * - "fake": D is updated on the fakes of latents `[n * latentDim]`.
 * - "generated": G is updated on what D makes of the fakes of latents `[n * latentDim]`.
 */
export type Update = "real" | "fake" | "generated";

/** What `stepWith` takes beside samples and latents. What is left out is drawn, but for labels of real samples, which there must be. */
export interface StepOptions {
  /** Classes of the real samples, one a row. */
  labels?: Uint8Array;
  /** Classes of the fakes that D sees, one a row. */
  discriminatorLabels?: Uint8Array;
  /** Classes that G is asked for in its updates, one a row; not in the update orders that use the same latents again. */
  generatorLabels?: Uint8Array;
  /** For "wassersteinGp", which must have it: the real sample's share in each point between a real sample and a fake, 0 to 1. */
  interpolation?: Float32Array;
  /** For the approximated R1: standard normal noise beside the real samples, as many values as these have. */
  noise?: Float32Array;
}

/**
 * A generator, a discriminator and their training loop, on one device.
 *
 * With `labels` in the configuration every row has a label, a whole number below `info().classes`: one for each real sample, given; one for
 * each fake, drawn where it is not given, each class as likely as the others. Only looks, which draw nothing, must be given those of
 * latents too. Without `labels` none may be given. Each violation is an "invalidBatch".
 */
export interface Session {
  info(): SessionInfo;
  /** The configuration in use, with the current learning rates, which its schedule multiplies. */
  config(): GanConfig;
  /**
   * Queues one step on real samples `[discriminatorUpdates * batch * sampleDim]`, a batch for each update of D, and their labels; returns
   * before a GPU is done. Throws "invalidBatch".
   */
  step(real: Float32Array, labels?: Uint8Array): void;
  /**
   * Queues one step on given latents instead of drawn ones: `[discriminatorUpdates * batch * latentDim]` for D's fakes and
   * `[generatorUpdates * batch * latentDim]` for G's updates, left out in the update orders that use the same latents again. Throws
   * "invalidBatch", or "invalidConfig" for an option that there is not.
   */
  stepWith(real: Float32Array, discriminator: Float32Array, generator?: Float32Array | null, options?: StepOptions): void;
  /** Replaces a parameter or running statistic by values of its own length, row-major. Throws "invalidConfig". */
  loadParameter(network: Role, name: string, values: Float32Array): void;
  /** Queues D's phase alone; G's trainable parameters stay as they are, bit for bit (its running statistics follow the fakes it makes). */
  discriminatorStep(real: Float32Array, labels?: Uint8Array): void;
  /**
   * Queues G's phase alone, on `batch` latents for each update; D's trainable parameters stay as they are, bit for bit. `labels` are the
   * classes that G is asked for, `[generatorUpdates * batch]`. With the loss "relativistic" D's phase comes first, on as many real samples.
   * Throws "invalidBatch".
   */
  generatorStep(batch: number, labels?: Uint8Array): void;
  /**
   * Queues one update alone; the other player's trainable parameters stay as they are, bit for bit. D's phase is complete with the second
   * of "real" and "fake", G's with "generated", so that all updates of a step in the configured order leave what `stepWith` leaves. The
   * record of D's first update has no `lossD`; that of its second has the losses of both, each before its own update. Throws "invalidBatch", or
   * "invalidConfig" for D's halves with the loss "relativistic", which has none.
   */
  update(update: Update, inputs: Float32Array, labels?: Uint8Array): void;
  /**
   * The gradients that `update` would follow, before any clipping and without dropout, named as the parameters of the player that would be
   * updated. Nothing moves. Rejects with "invalidBatch".
   */
  gradients(update: Update, inputs: Float32Array, labels?: Uint8Array): Promise<NamedTensor[]>;
  /**
   * Both players' losses as they are now, on real samples `[n * sampleDim]` and on the fakes of latents `[m * latentDim]`, by running
   * statistics and without a penalty; `labels` are those of the real samples, `asked` those of the latents. Nothing moves. Rejects with
   * "invalidBatch" or "nonFinite".
   */
  measure(real: Float32Array, latents: Float32Array, labels?: Uint8Array, asked?: Uint8Array): Promise<StepRecord>;
  /** The next `count` latents of the seeded stream that steps draw from; each call draws on. */
  drawLatents(count: number): Float32Array;
  /** Records of every step since the last read, oldest first. Awaits the device. Rejects with "nonFinite" if a loss is NaN or infinite. */
  readMetrics(): Promise<StepRecord[]>;
  /**
   * Samples of latents that are always the same; BatchNorm by the statistics of these samples, so that only G's weights show. Without labels
   * 64, `[64 * sampleDim]`; with labels 8 rows of one for each class, `[8 * classes * sampleDim]`: column c is of class c, and a row is of one
   * latent (of several, if G is not told the class). `averaged`: by the moving average of G's weights, where one is kept (emaDecay), else by
   * the weights themselves.
   */
  samples(averaged: boolean): Promise<Float32Array>;
  /** Samples of given latents `[n * latentDim]` and classes, by running statistics; `averaged` as in `samples`. Rejects with "invalidBatch". */
  generate(latents: Float32Array, averaged: boolean, labels?: Uint8Array): Promise<Float32Array>;
  /** D's score (0..1) of each of the given samples `[n * sampleDim]`, each said to be of the class in `labels`. Rejects with "invalidBatch". */
  scores(samples: Float32Array, labels?: Uint8Array): Promise<Float32Array>;
  /** Every parameter and running statistic, in layer order. Meant for small networks. */
  parameters(): Promise<NamedTensor[]>;
  /** Changes the rates that the schedule multiplies, from the next phase on. Throws "invalidConfig". */
  setLearningRates(generator: number, discriminator: number): void;
  /** A shuffled 0..n-1 from the seeded stream of the batch order; each call draws on. */
  permutation(n: number): Uint32Array;
  /** Releases the session's memory; the object must not be used afterwards. */
  free(): void;
}

/** The module `pkg/cpu/gan_playground.js` or `pkg/webgpu/gan_playground.js`. */
export interface GanModule {
  /** Loads the .wasm beside the module; call once, first. */
  default(options?: { module_or_path: unknown }): Promise<unknown>;
  presetNames(): string[];
  /** Throws "invalidConfig" for an unknown name. */
  preset(name: string): GanConfig;
  limits(): Limits;
  /** Layers and parameter counts of a configuration, without building it. Throws "invalidConfig", naming the field. */
  describe(config: GanConfig): { generator: NetworkInfo; discriminator: NetworkInfo };
  /** Opens the device and builds both networks. Rejects with "invalidConfig" or "device"; throws nothing. */
  createSession(config: GanConfig, seed: number, backend: BackendKind): Promise<Session>;
  /** Tilings of matrix products on the GPU, as text for `useTilings` the next time; undefined until a session on a hardware adapter measured them. */
  tilings(): string | undefined;
  /** Uses tilings that were measured before, in place of measuring. Throws "invalidConfig" for a text that `tilings()` never returned. */
  useTilings(tilings: string): void;
  /** The toy's five 2×2 faces, `[5 * 4]`, row-major, 0 light to 1 dark. */
  toyFaces(): Float32Array;
  /** Opens the device and the judge in the bytes of `judge/<dataset>.bin`. Rejects with "invalidConfig" for other bytes, or "device"; throws nothing. */
  openJudge(weights: Uint8Array, backend: BackendKind): Promise<Judge>;
}

/** What a judge knows of itself and of real images. */
export interface JudgeInfo {
  /** The images that it knows; its verdict on others means nothing. */
  dataset: "mnist" | "fashion";
  /** Share of the test images that it takes for their label. */
  accuracy: number;
  /** Share of real images whose class has a probability of at least 0.9. */
  realConfident: number;
  /** Mean FD of so many real images that are not those of its reference, by sample size (500, 1000, 2000, 5000): what a perfect generator would have. */
  realFd: Record<string, number>;
  /** Standard deviation of the same from one sample to the next. */
  realFdDeviation: Record<string, number>;
}

/** How samples compare with real images. */
export interface JudgeScore {
  /** Number of the samples. */
  samples: number;
  /**
   * Fréchet distance of the samples to the first 5,000 training images, in 64 features of the judge's classifier: 0 for the same distribution. Few
   * samples make it larger (`realFd`), so that only distances of equally many samples can be compared.
   */
  fd: number;
  /** Share of the samples whose class has a probability of at least 0.9. */
  confident: number;
  /** Share of the samples that are taken for their label; null unless all have one. */
  agreement: number | null;
  /** Mean feature distance of two samples of one class, relative to that of real images: 1 as varied, 0 each class a single picture. */
  diversity: number;
  /** Share of the samples that are taken for each of the ten classes. */
  classShare: number[];
  /** Classes that at least 1 % of the samples are taken for, with a probability of at least 0.9 each. */
  modes: number;
}

/**
 * A small classifier that looks at samples and says how good they are, which a loss does not. It sees samples `[n * 784]` in [-1, 1] as a picture of
 * 256 grey levels shows them. Labels, one a sample, are the classes that the samples were asked to be.
 */
export interface Judge {
  info(): JudgeInfo;
  /** What these samples have; two or more. The window stays as it is. Rejects with "invalidBatch", or "invalidConfig" for a value or label out of range. */
  score(samples: Float32Array, labels?: Uint8Array): Promise<JudgeScore>;
  /** Probability of each class for each sample, `[n * 10]`. Rejects as `score`. */
  classify(samples: Float32Array): Promise<Float32Array>;
  /** Queues a look at some samples and adds them to the window; `verdict` says what the window has. So the cost is spread. Throws as `score` rejects. */
  look(samples: Float32Array, labels?: Uint8Array): void;
  /** What all samples since the last `clear` have, which stay. Rejects with "invalidBatch" if they are fewer than two. */
  verdict(): Promise<JudgeScore>;
  /** Empties the window. */
  clear(): void;
  /** Releases the judge's memory; the object must not be used afterwards. */
  free(): void;
}
