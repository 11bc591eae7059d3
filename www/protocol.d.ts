// What the page and a training worker say to each other: commands go in, events come out.
//
// The worker owns the networks, the data set and the run loop; the page pulls frames, one outstanding at most, and never
// sees the data set. Every number array crosses by transfer.

import type { BackendKind, GanConfig, JudgeInfo, JudgeScore, Limits, NamedTensor, NetworkInfo, Role, SampleShape, SessionInfo, StepRecord, Update } from "../src/types.d.ts";
import type { Mode, Settings, SourceSpec } from "./config/types.d.ts";

export type { BackendChoice, ConfigChanges, Mode, PlayerChanges, Settings, SourceSpec } from "./config/types.d.ts";

/** What a step button asks for: a step, one player's phase of it alone, or steps to the end of the epoch. */
export type StepRequest = "both" | Role | "epoch";

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
  /** Samples that can be trained on now, of the chosen classes. */
  available: number;
  /** Samples of the whole source, of all classes. */
  total: number;
  /** How many of `total` have arrived, with the share of the shard that is on its way. */
  received: number;
  loading: boolean;
  /** One message for each shard (or index) that could not be used. */
  failures: string[];
  /** Opened by the person from their own files. */
  own: boolean;
  /** Names of the classes; empty: the samples have no labels. */
  classes: string[];
  /** Classes that are trained on; null: all. */
  chosen: number[] | null;
}

/** Mean losses over one epoch. */
export interface EpochRow {
  /** Epochs that were complete after it. */
  epoch: number;
  step: number;
  /** Null where that player took no step. */
  lossD: number | null;
  lossG: number | null;
  /**
   * The first 16 of the samples shown, or with labels the first two of each class, row-major [n, width * height]; null: the epoch was too
   * short for them, or it is long ago.
   */
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
  /** Real samples that were trained on, divided by the samples of one epoch. */
  epoch: number;
  /** Over the last one to two seconds of training; null while paused. */
  stepsPerSecond: number | null;
  history: HistoryColumns;
  /** Samples from the fixed latents, row-major [n, width * height], each in shape.range: 64, or with labels 8 rows of one of each class. */
  samples: Float32Array;
  /** Every weight and bias of networks small enough to be read by a person, else null. */
  parameters: NamedTensor[] | null;
  /** Where those values went since the start; null where `parameters` is. */
  trail: TrailColumns | null;
  /** The substep that comes next, where the update order can be taken apart, else null. */
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
 * Substeps: the pieces that a step is taken apart into, where its update order updates on one thing after the other. A real sample comes,
 * D judges it, D is updated on it; a latent is drawn, G makes a fake of it, D judges that, D is updated on it, G is updated on it.
 */
export type SubstepName = "face" | "judgeFace" | "learnFace" | "latent" | "fake" | "judgeFake" | "learnFake" | "learnGenerator";

/** The result of a substep. Fields that the step has not come to yet are null. */
export interface Substep {
  name: SubstepName;
  /** All substeps of the step, in their order. */
  order: SubstepName[];
  /** Steps that were complete after it. */
  step: number;
  face: Float32Array | null;
  /** One value: the toy's z. */
  latent: Float32Array | null;
  fake: Float32Array | null;
  /** D's scores of the two when it judged them. */
  scoreFace: number | null;
  scoreFake: number | null;
  /** Loss of the update before it was made; null: it was no update. */
  loss: number | null;
  /** Every parameter of both networks. */
  before: NamedTensor[];
  after: NamedTensor[];
  /** Gradients that the update followed; null: it was no update. */
  gradients: NamedTensor[] | null;
  learningRate: number | null;
}

/** Questions that look at small networks without moving anything; `parameters` are those to look with, null: those of the run. */
export type Look =
  /** Scores of samples, and samples of latents with their scores. */
  | { kind: "judge"; parameters: Values[] | null; samples: Float32Array; latents: Float32Array }
  /** Losses and gradients on one sample and one latent, and the same slopes by central differences over ± width. */
  | { kind: "derive"; parameters: Values[] | null; sample: Float32Array; latent: Float32Array; width: number }
  /** The three losses while one parameter takes each of `values`. */
  | {
      kind: "sweep";
      parameters: Values[] | null;
      network: Role;
      name: string;
      index: number;
      values: Float32Array;
      sample: Float32Array;
      latent: Float32Array;
    };

/** Questions that move the run of a small network, which pauses for them. */
export type Move =
  /** Takes the next substep; `latent`: to be taken instead of a drawn one, should it need one. Answered with null if nothing can be trained on. */
  | { kind: "substep"; latent: Float32Array | null }
  /** Replaces parameters; `latents`: to be taken by the next steps before any are drawn. */
  | { kind: "load"; parameters: Values[]; latents: Float32Array | null }
  /** Takes so many steps at once. Answered with null where steps cannot be taken apart. */
  | { kind: "replay"; steps: number };

/** All questions that the page asks a worker about small networks. */
export type Question =
  | Look
  | Move
  /** Trains on these samples from the next step on, in their order, from the first. */
  | { kind: "samples"; samples: Float32Array }
  /** Takes so many steps a second at most; null: as many as there can be. */
  | { kind: "pace"; stepsPerSecond: number | null }
  | DrawRequest;

/** Asks for fresh samples of these classes. `oneStyle`: all from one latent. */
export interface DrawRequest {
  kind: "draw";
  labels: number[];
  oneStyle: boolean;
}

/** Fresh samples, and what was said of them. */
export interface Drawing {
  /** Row-major [n, width * height]. */
  samples: Float32Array;
  /** D's score of each. */
  scores: Float32Array;
  /** Probability of each class for each sample, by the judge; null: there is no judge. */
  classes: Float32Array | null;
}

/** The answers, by the kind of question. */
export interface Answers {
  judge: { scores: Float32Array; samples: Float32Array; sampleScores: Float32Array };
  derive: Derivation;
  sweep: Record<Update, Float32Array>;
  substep: Substep | null;
  load: null;
  samples: null;
  replay: { milliseconds: number; parameters: NamedTensor[] } | null;
  pace: null;
  draw: Drawing;
}

/** The answer to a question; null if there is none. */
export type Answer<Q extends Question> = Answers[Q["kind"]] | null;

/** Losses of both players on one sample and one fake, and their slopes, by the engine and by differences. */
export interface Derivation {
  parameters: NamedTensor[];
  fake: Float32Array;
  record: StepRecord;
  /** The gradients that each update would follow, by the engine's backward pass. */
  gradients: Record<Update, NamedTensor[]>;
  /** The same by (loss(w + width) - loss(w - width)) / (2 width). */
  differences: Record<Update, NamedTensor[]>;
}

/** What the judge said over a run, thinned to a bounded number of looks. */
export interface JudgeColumns {
  step: Float64Array;
  fd: Float32Array;
  confident: Float32Array;
}

/** All that the judge has to say. */
export interface JudgeReport {
  info: JudgeInfo;
  /** The latest verdict. */
  score: JudgeScore;
  /** Steps that were complete when it looked. */
  step: number;
  /** Seconds of training until then. */
  seconds: number;
  /** Classes that it looked at; null: all. */
  classes: number[] | null;
  history: JudgeColumns;
  /** When the distance first was at or below each of the levels that it has reached: seconds of training, and the step. */
  passed: { fd: number; seconds: number; step: number }[];
  /** How long the look took, ms. */
  lookMs: number;
}

/** Page to worker. */
export type Command =
  /** First and once: loads the core, opens the device and the data. Answered by "ready" or "fatal". */
  | { type: "start"; settings: Settings; mode: Pick<Mode, "source" | "autoDevice" | "batchSizeFixed" | "classCount" | "presets" | "presetOnGpu" | "judge"> }
  /** Trains from now on, or as soon as its device and data are there. Answered by "training". */
  | { type: "train" }
  /** Answered by "paused"; no step is taken after that event. */
  | { type: "pause" }
  /** Pauses if it trains, then takes what is asked for. Answered by "paused". */
  | { type: "step"; request: StepRequest }
  /** Answered by "frame". */
  | { type: "frame" }
  | { type: "learningRates"; generator: number; discriminator: number }
  | { type: "batchSize"; batchSize: number }
  /** Trains on these classes from the next batch on. `own`: of the person's own files. Answered by "dataset" and "real". */
  | { type: "classes"; own: boolean; classes: number[] | null }
  /** Frames show G's average, or G itself, from latents of this size, from now on. Answered by "frame". */
  | { type: "picture"; averaged: boolean; psi: number }
  /** The judge is on the screen, or is no longer. Answered by "judged" now and then. */
  | { type: "judge"; shown: boolean }
  /** Answered by "answer" with the same id. */
  | { type: "ask"; id: number; question: Question }
  /** Answered by "described" with the same id. */
  | { type: "describe"; id: number; config: GanConfig }
  /** Fetches again what is missing of the data. */
  | { type: "retryData" }
  /** Trains on the person's own idx files. Answered by "dataset" and "real", or by "problem". */
  | { type: "openFiles"; files: File[] }
  /** Goes back to the mode's own data. */
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
  /** What the core says of a configuration: both networks, or what is wrong with it and the path of the field at fault, if it is about one. */
  | { type: "described"; id: number; networks: Record<Role, NetworkInfo> | null; error: string; field: string | null }
  /** `error`: why there is no answer, or "". */
  | { type: "answer"; id: number; answer: Answers[keyof Answers]; error: string }
  /** What the judge says; null: it says no more, because it does not know these data. */
  | { type: "judged"; report: JudgeReport | null; problem: string }
  /** The person's own files bring no labels that these networks could be told; the data stay as they were. */
  | { type: "unlabelled"; message: string }
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
