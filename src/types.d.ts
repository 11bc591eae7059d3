// Types of everything that crosses between WebAssembly and JavaScript.
//
// Three things cross: number arrays, plain camelCase objects, and errors: an `Error` whose `name` is a stable code
// ("invalidConfig", "invalidBatch", "nonFinite", "device") and whose `message` names the field, the value and what was expected.
// This file is pasted into `pkg/*/gan_playground.d.ts` by `src/web.rs`; `tests/web.rs` holds it to what serde really sends.

/** Where the tensors live: Burn's flex backend in WASM ("cpu") or burn-wgpu ("webgpu"). */
export type BackendKind = "cpu" | "webgpu";

/** Picture shape of one sample; the trainer sees only a flat row of `width * height` numbers. */
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
  | { type: "leakyRelu"; slope: number }
  /** `momentum` is Keras': the share of the old running value that is kept. */
  | { type: "batchNorm"; momentum: number; eps: number }
  | { type: "tanh" }
  | { type: "sigmoid" };

/** Optimizer without its learning rate. */
export type OptimizerConfig =
  | { type: "sgd" }
  | { type: "adam"; beta1: number; beta2: number; eps: number };

/** One of the two players: its layers, its optimizer, its learning rate. */
export interface PlayerConfig {
  layers: LayerConfig[];
  optimizer: OptimizerConfig;
  learningRate: number;
}

/**
 * Order of updates within a step.
 * - "joint": one D update on the mean loss of real and fake; then G on fresh latents.
 * - "realThenFake": D on the real batch, then D on the fake batch made before (running statistics, Keras' `predict`); then G on fresh latents.
 * - "realThenFakeSameLatents": D on the real batch, then D on the fake; then G on the same latents (the notebook's toy).
 * - "fakeThenGeneratorThenReal": D on the fake, then G on the same latents, then D on the real batch (the toy in seed S2's prose).
 *
 * The reported D loss is the mean of its real and fake halves in the first two, their sum in the toy's two.
 */
export type UpdateOrder = "joint" | "realThenFake" | "realThenFakeSameLatents" | "fakeThenGeneratorThenReal";

/** First values of weights and biases: Keras' Glorot uniform with zero biases, or standard normal for both (the toy). */
export type Init = "glorotUniform" | "standardNormal";

/** Everything that decides a run, but for the seed and the data. A missing or unknown key is an error. */
export interface GanConfig {
  /** Name of the preset it came from. */
  name: string;
  shape: SampleShape;
  latent: { kind: LatentKind; dim: number };
  init: Init;
  batchSize: number;
  order: UpdateOrder;
  /** Its last layer must give `width * height` values. */
  generator: PlayerConfig;
  /** Its last layer must give 1 value: the logit. The score shown is its sigmoid. */
  discriminator: PlayerConfig;
}

/** Inclusive ranges the form offers and `createSession` enforces. */
export interface Limits {
  seed: [number, number];
  batchSize: [number, number];
  learningRate: [number, number];
  /** Width of any layer, and of the latent. */
  units: [number, number];
  /** Layers of one network. */
  layers: [number, number];
  /** Side of a sample, in pixels. */
  side: [number, number];
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
  generator: NetworkInfo;
  discriminator: NetworkInfo;
}

/**
 * What one step (or one phase of it) measured. The losses are in nats, each taken before its own update; the
 * scores are mean sigmoid(logit) over the batch. A field is null where that phase did not run.
 */
export interface StepRecord {
  /** Completed steps (one D phase and one G phase) after this one. */
  step: number;
  lossD: number | null;
  lossG: number | null;
  /** Mean D(real) and D(fake), before D's update. */
  scoreReal: number | null;
  scoreFake: number | null;
}

/** A parameter or running statistic, read back. */
export interface NamedTensor {
  network: "generator" | "discriminator";
  /** "<layer index>.<weight|bias|gamma|beta|runningMean|runningVar>", e.g. "0.weight". */
  name: string;
  /** Row-major; linear weights are [in, out]. */
  shape: number[];
  data: Float32Array;
}

/** A generator, a discriminator and their training loop, on one device. */
export interface Session {
  info(): SessionInfo;
  /** Queues one whole step on `batch * sampleDim` real values; returns before a GPU is done. Throws "invalidBatch". */
  step(real: Float32Array): void;
  /** Queues D's phase only; G's trainable parameters stay as they are, bit for bit (its running statistics follow the fakes it makes). */
  discriminatorStep(real: Float32Array): void;
  /** Queues G's phase only, on `batch` latents; D stays as it is, bit for bit. */
  generatorStep(batch: number): void;
  /** Records of every step since the last read, oldest first. Awaits the device. Rejects with "nonFinite" if a loss is NaN or infinite. */
  readMetrics(): Promise<StepRecord[]>;
  /** 64 samples `[64 * sampleDim]`, always from the same latents; BatchNorm by the statistics of these 64, so that only G's weights show. */
  samples(): Promise<Float32Array>;
  /** D's score (0..1) of each of the given rows. */
  scores(samples: Float32Array): Promise<Float32Array>;
  /** Every parameter and running statistic, in layer order. Meant for small networks. */
  parameters(): Promise<NamedTensor[]>;
  /** Takes effect at the next step. Throws "invalidConfig". */
  setLearningRates(generator: number, discriminator: number): void;
  /** A shuffled 0..n-1 from the seeded stream of the batch order; each call draws on. */
  permutation(n: number): Uint32Array;
  /** Releases its memory; the object must not be used after. */
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
  /** Throws nothing, rejects with "invalidConfig" or "device". */
  createSession(config: GanConfig, seed: number, backend: BackendKind): Promise<Session>;
  /** The toy's five 2×2 faces, `[5 * 4]`, row-major, 0 light to 1 dark. */
  toyFaces(): Float32Array;
}
