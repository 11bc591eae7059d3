// What the page and a training worker say to each other: commands go in, events come out.
//
// The worker owns the network, the data set and the run loop; the page pulls frames, one outstanding at most, and never
// sees the data set. Every number array crosses by transfer.

import type {
  BackendKind, GanConfig, Limits, NamedTensor, NetworkInfo, Update, PlayerConfig, SampleShape, SessionInfo, StepRecord,
} from "../src/types.d.ts";

/** The device a person asks for: `auto` leaves the choice to the worker. */
export type BackendChoice = "auto" | "webgpu" | "cpu";

/** Which players a step updates. */
export type Phase = "both" | "discriminator" | "generator";

/** What a step button asks for: a step, one player's phase of it, or steps to the end of the epoch. */
export type StepRequest = Phase | "epoch";

/** Where a mode's real samples come from. */
export type SourceSpec =
  /** The toy's five faces, from the core itself. */
  | { kind: "faces"; name: string }
  /** gzip'd shards listed by an index.json at `index`, relative to index.html. */
  | { kind: "shards"; name: string; index: string };

/** One row of modes.js. */
export interface Mode {
  /** Value of `mode=` in the permalink. */
  id: string;
  /** Name of the tab. */
  label: string;
  /** One sentence under the tabs. */
  summary: string;
  /** Decides which of the explaining texts and views are shown. */
  family: "toy" | "images";
  /** Presets of the core that fit this mode; the first is the default. */
  presets: { name: string; label: string }[];
  /** The batch size belongs to the mode and cannot be changed. */
  batchSizeFixed: boolean;
  /** What `backend=auto` takes: WebGPU on a hardware adapter, or the CPU whatever there is. */
  autoDevice: "hardware" | "cpu";
  source: SourceSpec;
  /** Classes of these data, numbered from 0; 0: they have none. */
  classCount: number;
  /** What the pictures show, for the explaining texts: `[data-word]` is filled with it. */
  words: { part: string; thing: string; things: string };
  /** Whether people may open their own idx files here. */
  ownFiles: boolean;
  /** Colours of a sample's smallest and largest value, and of the gaps between samples, as CSS hex colours. */
  palette: { low: string; high: string; gap: string };
}

/** Parts of a configuration that differ from the preset, each as a whole; batch size and learning rates are settings of their own. */
export interface ConfigChanges extends Partial<Pick<GanConfig,
  "latent" | "init" | "loss" | "order" | "discriminatorLossScale" | "discriminatorUpdates" | "generatorUpdates" | "emaDecay">> {
  generator?: PlayerChanges;
  discriminator?: PlayerChanges;
}

export type PlayerChanges = Partial<Pick<PlayerConfig, "layers" | "optimizer" | "gradientClipNorm">>;

/** What decides a run besides its mode; null stands for the preset's own value. */
export interface Settings {
  preset: string;
  seed: number;
  backend: BackendChoice;
  batchSize: number | null;
  learningRateG: number | null;
  learningRateD: number | null;
  /** Classes that are trained on, in order; null: all. */
  classes: number[] | null;
  /** The picture shows the moving average of G's weights, where one is kept; else the weights themselves. */
  averaged: boolean;
  /** What is different from the preset; null: nothing. */
  changes: ConfigChanges | null;
}

/** What a worker found out about WebGPU. */
export type Probe =
  /** `navigator.gpu` is missing. */
  | { kind: "noApi" }
  /** requestAdapter() answered null, or threw. */
  | { kind: "noAdapter" }
  | { kind: "adapter"; software: boolean; name: string };

/** Which device trains, and why, for people. */
export interface DeviceReport {
  backend: BackendKind;
  /** "CPU (WASM SIMD)" or "WebGPU (adapter name)". */
  label: string;
  /** One sentence. */
  reason: string;
  /** Label of the device that the run waits for, where this one only shows what there is. */
  awaits?: string;
}

/** State of the data set. */
export interface DatasetReport {
  name: string;
  /** Images ready to train on (of the chosen classes), and images of the whole source (of all classes). */
  available: number;
  total: number;
  /** `total` counted with the parts of shards still on their way. */
  received: number;
  loading: boolean;
  /** One message for each shard (or index) that could not be used. */
  failures: string[];
  /** Opened by the person from their own files. */
  own: boolean;
  /** Names of the classes; empty: the images have no labels. */
  classes: string[];
  /** Classes that are trained on; null: all. */
  chosen: number[] | null;
}

/** Mean losses over one epoch, one pass over the data. */
export interface EpochRow {
  /** Passes that were complete after it. */
  epoch: number;
  step: number;
  /** Null where that player took no step. */
  lossD: number | null;
  lossG: number | null;
  /** The first 16 of the samples shown, row-major [16, width * height]; null: the epoch was too short for one, or it is long ago. */
  picture: Float32Array | null;
}

/** Losses over the whole run, averaged into at most 2,000 points. NaN where a player took no step. */
export interface HistoryColumns {
  step: Float64Array;
  lossD: Float32Array;
  lossG: Float32Array;
}

/** All that moves while it trains: the latest of every figure, null until it was measured once. */
export interface Frame extends StepRecord {
  /** Real images shown, divided by those of one pass. */
  epoch: number;
  /** Over the last one to two seconds of training; null while paused. */
  stepsPerSecond: number | null;
  history: HistoryColumns;
  /** 64 samples from the fixed latents, row-major [64, width * height], each in shape.range. */
  samples: Float32Array;
  /** Every weight and bias of networks small enough to be read by a person, else null. */
  parameters: NamedTensor[] | null;
  /** Where those numbers went since the start; null: as `parameters`. */
  trail: TrailColumns | null;
  /** The sub-step that comes next, where the order of updates can be taken apart, else null. */
  next: SubstepName | null;
}

/** States on the way, thinned to a bounded number: row i of `values` is the state after `step[i]` steps. */
export interface TrailColumns {
  step: Float64Array;
  /** Row-major [step.length, width]: every parameter in the order of `Session.parameters`, then the value that Serrano's notebook plots as D's error. */
  values: Float32Array;
  width: number;
}

/** Values for one tensor. */
export type Values = Pick<NamedTensor, "network" | "name" | "values">;

/**
 * The pieces of a step that updates on one thing after the other: a real sample comes, D judges it, D learns from it; a latent is drawn, G
 * makes a fake of it, D judges that, D learns from it, G learns from it.
 */
export type SubstepName = "face" | "judgeFace" | "learnFace" | "latent" | "fake" | "judgeFake" | "learnFake" | "learnGenerator";

/** What a sub-step did. Things that the step has not come to yet are null. */
export interface Substep {
  name: SubstepName;
  /** All of the step, in order. */
  order: SubstepName[];
  /** Completed steps after it. */
  step: number;
  face: Float32Array | null;
  /** One value: the toy's z. */
  latent: Float32Array | null;
  fake: Float32Array | null;
  /** D's scores of the two when it judged them. */
  scoreFace: number | null;
  scoreFake: number | null;
  /** Loss of the update before it was made; null: nobody learned. */
  loss: number | null;
  /** Every parameter of both networks. */
  before: NamedTensor[];
  after: NamedTensor[];
  /** What the player who learned followed; null: nobody learned. */
  gradients: NamedTensor[] | null;
  learningRate: number | null;
}

/** What the page asks a worker about small networks; nothing of it moves the run but "substep", "load", "samples" and "pace". */
export type Question =
  /** Scores of samples, and samples of latents with their scores, by given parameters; null: those of the run. */
  | { kind: "judge"; parameters: Values[] | null; samples: Float32Array; latents: Float32Array }
  /** Losses and gradients on one sample and one latent, and the same slopes by central differences over ± width. */
  | { kind: "derive"; parameters: Values[] | null; sample: Float32Array; latent: Float32Array; width: number }
  /** The three losses while one parameter takes each of `values`. */
  | { kind: "sweep"; parameters: Values[] | null; network: NamedTensor["network"]; name: string; index: number; values: Float32Array; sample: Float32Array; latent: Float32Array }
  /** The next piece of a step; `latent`: to be taken instead of a drawn one, should this draw. Answered with null if there is nothing to train on. */
  | { kind: "substep"; latent: Float32Array | null }
  /** Replaces parameters; `latents`: to be taken by the next steps before any are drawn. */
  | { kind: "load"; parameters: Values[]; latents: Float32Array | null }
  /** Trains on these samples from the next step on, in their order, from the first. */
  | { kind: "samples"; samples: Float32Array }
  /** Takes so many steps at once. */
  | { kind: "replay"; steps: number }
  /** Steps a second at most; null: as many as there can be. */
  | { kind: "pace"; stepsPerSecond: number | null };

/** What comes back, by the kind of question. */
export interface Answers {
  judge: { scores: Float32Array; samples: Float32Array; sampleScores: Float32Array };
  derive: Derivation;
  sweep: Record<Update, Float32Array>;
  substep: Substep | null;
  load: null;
  samples: null;
  replay: { milliseconds: number; parameters: NamedTensor[] };
  pace: null;
}

/** The answer to a question; null if there is none. */
export type Answer<Q extends Question> = Answers[Q["kind"]] | null;

/** Losses of both players on one sample and one fake, and their slopes, by the engine and by differences. */
export interface Derivation {
  parameters: NamedTensor[];
  fake: Float32Array;
  record: StepRecord;
  /** Of D's loss on the sample, of D's loss on the fake, of G's loss: by the engine's backward pass. */
  gradients: Record<Update, NamedTensor[]>;
  /** The same by (loss(w + width) - loss(w - width)) / (2 width). */
  differences: Record<Update, NamedTensor[]>;
}

/** Page to worker. */
export type Command =
  /** First and once: loads the core, opens the device and the data. Answered by "ready" or "fatal". */
  | { type: "start"; settings: Settings; source: SourceSpec; autoDevice: Mode["autoDevice"]; batchSizeFixed: boolean }
  /** Trains from now on, or as soon as its device and data are there. Answered by "training". */
  | { type: "train" }
  /** Answered by "paused"; no step is taken after that event. */
  | { type: "pause" }
  /** Pauses if it trains, then takes one step or one phase of it. Answered by "paused". */
  | { type: "step"; phase: StepRequest }
  /** Answered by "frame". */
  | { type: "frame" }
  | { type: "learningRates"; generator: number; discriminator: number }
  | { type: "batchSize"; batchSize: number }
  /** Trains on these classes from the next batch on. `own`: of the person's own files. Answered by "dataset" and "real". */
  | { type: "classes"; own: boolean; classes: number[] | null }
  /** Frames show G's average, or G itself, from now on. Answered by "frame". */
  | { type: "averaged"; averaged: boolean }
  /** Answered by "answer" with the same id. */
  | { type: "ask"; id: number; question: Question }
  /** Answered by "described" with the same id. */
  | { type: "describe"; id: number; config: GanConfig }
  /** Fetches again what is missing of the data. */
  | { type: "retryData" }
  /** Trains on the person's own idx files. Answered by "dataset" and "real", or by "problem". */
  | { type: "openFiles"; files: File[] }
  /** Back to the mode's own data. */
  | { type: "closeFiles" };

/** Worker to page. */
export type WorkerEvent =
  /** What it is doing before it is ready, in words. */
  | { type: "loading"; what: string }
  | {
      type: "ready";
      info: SessionInfo;
      config: GanConfig;
      /** The preset as the core has it, before all settings. */
      preset: GanConfig;
      limits: Limits;
      device: DeviceReport;
      /** The settings in use: those asked for, but for what was not allowed. */
      settings: Settings;
      /** What was not allowed, and what is used instead, in words. */
      notices: string[];
    }
  /** The device that was awaited is there, or another in its stead. Nothing has been trained yet. */
  | { type: "device"; device: DeviceReport }
  | { type: "training" }
  /** It will train as soon as there are data, and the device. */
  | { type: "waiting" }
  | { type: "paused"; step: number }
  | { type: "frame"; frame: Frame }
  | { type: "dataset"; dataset: DatasetReport }
  /** Epochs that were completed since the last such event; one picture a second at most. */
  | { type: "epochs"; rows: EpochRow[] }
  /** What the core says of a configuration: both networks, or what is wrong with it and the path of the field it names, if it names one. */
  | { type: "described"; id: number; networks: { generator: NetworkInfo; discriminator: NetworkInfo } | null; error: string; field: string | null }
  /** `error`: why there is no answer, or "". */
  | { type: "answer"; id: number; answer: Answers[keyof Answers]; error: string }
  /** Up to 64 real samples for display, row-major [count, width * height], each in shape.range. */
  | { type: "real"; samples: Float32Array; shape: SampleShape }
  /** Something a person asked for did not work; the run goes on as it was. */
  | { type: "problem"; message: string }
  /** The run cannot go on; only a reset helps. */
  | { type: "fatal"; message: string };

/** Page to speed worker, once: time a step of this configuration on this device. */
export interface SpeedRequest {
  backend: BackendKind;
  config: GanConfig;
}

/** Speed worker to page: the median time of a step, or why there is none. `name` is "CPU" or "WebGPU (adapter name)". */
export type Speed =
  | { backend: BackendKind; name: string; stepMs: number }
  | { backend: BackendKind; name: string; problem: string };
