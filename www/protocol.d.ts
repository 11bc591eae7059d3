// What the page and a training worker say to each other: commands go in, events come out.
//
// The worker owns the network, the data set and the run loop; the page pulls frames, one outstanding at most, and never
// sees the data set. Every number array crosses by transfer.

import type { BackendKind, GanConfig, Limits, NamedTensor, SampleShape, SessionInfo } from "../src/types.d.ts";

/** The device a person asks for: `auto` leaves the choice to the worker. */
export type BackendChoice = "auto" | "webgpu" | "cpu";

/** Which players a step updates. */
export type Phase = "both" | "discriminator" | "generator";

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
  /** Whether people may open their own idx files here. */
  ownFiles: boolean;
  /** Colours of a sample's smallest and largest value, and of the gaps between samples, as CSS hex colours. */
  palette: { low: string; high: string; gap: string };
  /** Losses of players that cannot tell real from generated, with the name of the value and whose loss it is. */
  equilibria: { value: number; name: string; of: string }[];
}

/** What decides a run besides its mode; null stands for the preset's own value. */
export interface Settings {
  preset: string;
  seed: number;
  backend: BackendChoice;
  batchSize: number | null;
  learningRateG: number | null;
  learningRateD: number | null;
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
}

/** State of the data set. */
export interface DatasetReport {
  name: string;
  /** Images ready to train on, and images of the whole source. */
  available: number;
  total: number;
  /** `total` counted with the parts of shards still on their way. */
  received: number;
  loading: boolean;
  /** One message for each shard (or index) that could not be used. */
  failures: string[];
  /** Opened by the person from their own files. */
  own: boolean;
}

/** Losses over the whole run, averaged into at most 2,000 points. NaN where a player took no step. */
export interface HistoryColumns {
  step: Float64Array;
  lossD: Float32Array;
  lossG: Float32Array;
}

/** All that moves while it trains. Null until it was measured once. */
export interface Frame {
  step: number;
  /** Real images shown, divided by the size of the source. */
  epoch: number;
  lossD: number | null;
  lossG: number | null;
  scoreReal: number | null;
  scoreFake: number | null;
  /** Over the last one to two seconds of training; null while paused. */
  stepsPerSecond: number | null;
  history: HistoryColumns;
  /** 64 samples from the fixed latents, row-major [64, width * height], each in shape.range. */
  samples: Float32Array;
  /** Every weight and bias of networks small enough to be read by a person, else null. */
  parameters: NamedTensor[] | null;
}

/** Page to worker. */
export type Command =
  /** First and once: loads the core, opens the device and the data. Answered by "ready" or "fatal". */
  | { type: "start"; settings: Settings; source: SourceSpec; autoDevice: Mode["autoDevice"]; batchSizeFixed: boolean }
  /** Trains from now on, or from the first data on. Answered by "training". */
  | { type: "train" }
  /** Answered by "paused"; no step is taken after that event. */
  | { type: "pause" }
  /** Pauses if it trains, then takes one step or one phase of it. Answered by "paused". */
  | { type: "step"; phase: Phase }
  /** Answered by "frame". */
  | { type: "frame" }
  | { type: "learningRates"; generator: number; discriminator: number }
  | { type: "batchSize"; batchSize: number }
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
      limits: Limits;
      device: DeviceReport;
      /** The settings in use: those asked for, but for what was not allowed. */
      settings: Settings;
      /** What was not allowed, and what is used instead, in words. */
      notices: string[];
    }
  | { type: "training" }
  /** `waiting`: it will train as soon as there are data. */
  | { type: "waiting" }
  | { type: "paused"; step: number }
  | { type: "frame"; frame: Frame }
  | { type: "dataset"; dataset: DatasetReport }
  /** Up to 64 real samples for display, row-major [count, width * height], each in shape.range. */
  | { type: "real"; samples: Float32Array; shape: SampleShape }
  /** Something a person asked for did not work; the run goes on as it was. */
  | { type: "problem"; message: string }
  /** The run cannot go on; only a reset helps. */
  | { type: "fatal"; message: string };
