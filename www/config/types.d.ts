// What page and worker both know of a run before it begins: the mode it belongs to, and the settings that decide it.

import type { GanConfig, PlayerConfig, Role } from "../../src/types.d.ts";

/** The device a person asks for: `auto` leaves the choice to the worker. */
export type BackendChoice = "auto" | "webgpu" | "cpu";

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
  /** Presets of the core that fit this mode; the first is the default. `note`: what to know of it, in a sentence or two. */
  presets: { name: string; label: string; note: string }[];
  /** The preset that a hardware GPU takes where nobody chose one; null: the default, as everywhere. */
  presetOnGpu: string | null;
  /** The preset for images without labels, where the default needs them; null: the default does. */
  presetWithoutLabels: string | null;
  /** Names that presets once had, with those that they have now. */
  renamedPresets: { readonly [old: string]: string };
  /** The judge of this mode's data, by its file's name under www/judge/; null: there is none. */
  judge: "mnist" | "fashion" | null;
  /** The batch size belongs to the mode and cannot be changed. */
  batchSizeFixed: boolean;
  /** What `backend=auto` takes: WebGPU on a hardware adapter, or always the CPU. */
  autoDevice: "hardware" | "cpu";
  source: SourceSpec;
  /** Number of classes, which are numbered from 0; 0: the samples have no labels. */
  classCount: number;
  /** Names of what the images show, for the explaining texts: `[data-word]` is filled with them. `style`: what the latent decides beside the class. */
  words: { part: string; thing: string; things: string; style: string };
  /** Whether the classes are numerals, so that numbers can be written with them. */
  hasNumerals: boolean;
  /** Whether people may open their own idx files here. */
  ownFiles: boolean;
  /** Colours of a sample's smallest and largest value, and of the gaps between samples, as CSS hex colours. */
  palette: { low: string; high: string; gap: string };
}

/** What is different from the preset, each field as a whole; batch size and learning rates are settings of their own. */
export interface ConfigChanges extends Partial<Omit<GanConfig, "name" | "shape" | "batchSize" | Role>> {
  generator?: PlayerChanges;
  discriminator?: PlayerChanges;
}

/** What is different about one player. */
export type PlayerChanges = Partial<Omit<PlayerConfig, "learningRate">>;

/** What decides a run besides its mode; null stands for the preset's own value. */
export interface Settings {
  /** "auto" until the run is ready: its mode's own, by the device. */
  preset: string;
  seed: number;
  backend: BackendChoice;
  batchSize: number | null;
  learningRateG: number | null;
  learningRateD: number | null;
  /** Classes that are trained on, in order; null: all. */
  classes: number[] | null;
  /** The images shown are made by the moving average of G's weights, where one is kept; else by the weights themselves. */
  averaged: boolean;
  /** Size of the latents that the images shown are made of, where there are labels: 1 as in training, smaller for plainer images. */
  psi: number;
  /** What is different from the preset; null: nothing. */
  changes: ConfigChanges | null;
}
