// The modes of the page: one row each. Nothing else on the page knows a mode by name.

/** @typedef {import("../protocol.d.ts").Mode} Mode */

/**
 * The part of a row that all modes with images from shards share.
 * @type {Omit<Mode, "id" | "label" | "summary" | "presets" | "presetOnGpu" | "presetWithoutLabels" | "renamedPresets" | "judge" | "source" | "words" | "hasNumerals">}
 */
const IMAGES = {
  family: "images",
  batchSizeFixed: false,
  autoDevice: "hardware",
  classCount: 10,
  ownFiles: true,
  // White on black, as these data sets are.
  palette: { low: "#000000", high: "#ffffff", gap: "#33322f" },
};

const PATCH_CRITIC =
  "D sees patches 10 pixels wide, and above them it only adds up: it can tell a good stroke, not whether the strokes make a numeral. " +
  "So they come out crisp and often belong to no digit, for ever.";

/** @type {Mode[]} */
export const MODES = [
  {
    id: "toy",
    label: "2×2 faces",
    summary: "The smallest GAN there is: thirteen numbers learn to draw a face of four pixels.",
    family: "toy",
    presets: [
      { name: "toy-2x2", label: "toy-2x2: face first (notebook)", note: "" },
      { name: "toy-2x2-fake-first", label: "toy-2x2-fake-first (text)", note: "" },
    ],
    presetOnGpu: null,
    presetWithoutLabels: null,
    renamedPresets: {},
    judge: null,
    batchSizeFixed: true,
    autoDevice: "cpu",
    source: { kind: "faces", name: "2×2 faces" },
    classCount: 0,
    words: { part: "corner", thing: "face", things: "faces", style: "" },
    hasNumerals: false,
    ownFiles: false,
    // Ink on paper: 0 is light, 1 is dark.
    palette: { low: "#fffdf6", high: "#1d1b18", gap: "#b9b3a6" },
  },
  {
    ...IMAGES,
    id: "mnist",
    label: "MNIST",
    summary: "Handwritten digits: from noise to numerals you can ask for by name, within seconds.",
    presets: [
      { name: "mnist-digits", label: "mnist-digits: with labels", note: "Small convolutional networks that are told which numeral is meant." },
      { name: "mnist-digits-large", label: "mnist-digits-large: wider, for a GPU", note: "Better at each step, and several times the work." },
      { name: "mnist-digits-unlabelled", label: "mnist-digits-unlabelled: without",
        note: "Like mnist-digits, but nobody tells the networks that there are ten kinds of numeral: see how much the labels help." },
      { name: "mnist-fast", label: "mnist-fast: small, dense",
        note: "Readable digits after a thousand steps or two, with specks, because dense layers know no neighbours." },
      { name: "mnist-keras", label: "mnist-keras: the classic Keras size", note: "As a well-known example has it; several times as slow as mnist-fast." },
      { name: "mnist-dcgan", label: "mnist-dcgan: a lesson, sees patches", note: PATCH_CRITIC },
      { name: "mnist-dcgan-wide", label: "mnist-dcgan-wide: the same, wider",
        note: `${PATCH_CRITIC} Twice as wide as mnist-dcgan, with cross-entropy: a step is four times the work.` },
      { name: "wgan-gp", label: "wgan-gp: Wasserstein, gradient penalty", note: "Slow and steady: D is updated five times for each update of G." },
    ],
    presetOnGpu: "mnist-digits-large",
    presetWithoutLabels: "mnist-digits-unlabelled",
    renamedPresets: { "mnist-dcgan-classic": "mnist-dcgan-wide" },
    judge: "mnist",
    source: { kind: "shards", name: "MNIST", index: "./data/mnist/index.json" },
    words: { part: "stroke", thing: "numeral", things: "numerals", style: "a slant, a weight" },
    hasNumerals: true,
  },
  {
    ...IMAGES,
    id: "fashion",
    label: "Fashion-MNIST",
    summary: "Clothes, shoes and bags as a shop photographs them: as small as MNIST, and harder.",
    presets: [
      { name: "fashion-clothes", label: "fashion-clothes: with labels", note: "Small convolutional networks that are told which garment is meant." },
      { name: "fashion-clothes-large", label: "fashion-clothes-large: wider, for a GPU", note: "Clothes gain more from wider networks than digits do." },
      { name: "fashion-dense", label: "fashion-dense: dense, no labels", note: "Clear silhouettes after a minute or so, and grainy ones." },
      { name: "fashion-conv", label: "fashion-conv: ten minutes and more",
        note: "Learning rates ten times as low as others, in large batches: still blobs after seven minutes on a CPU. Shown because it is a known tutorial’s." },
    ],
    presetOnGpu: "fashion-clothes-large",
    presetWithoutLabels: "fashion-dense",
    renamedPresets: {},
    judge: "fashion",
    source: { kind: "shards", name: "Fashion-MNIST", index: "./data/fashion-mnist/index.json" },
    words: { part: "shape", thing: "garment", things: "garments", style: "light or dark, wide or narrow" },
    hasNumerals: false,
  },
];

/** Mode shown when the permalink names none. */
export const DEFAULT_MODE = "mnist";
