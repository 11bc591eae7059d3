// The modes of the page: one row each. Nothing else on the page knows a mode by name.

/** @typedef {import("../protocol.d.ts").Mode} Mode */

/**
 * The part of a row that all modes with images from shards share.
 * @type {Omit<Mode, "id" | "label" | "summary" | "presets" | "source" | "words">}
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

/** @type {Mode[]} */
export const MODES = [
  {
    id: "toy",
    label: "2×2 faces",
    summary: "The smallest GAN there is: thirteen numbers learn to draw a face of four pixels.",
    family: "toy",
    presets: [
      { name: "toy-2x2", label: "toy-2x2: face first (notebook)" },
      { name: "toy-2x2-fake-first", label: "toy-2x2-fake-first (text)" },
    ],
    batchSizeFixed: true,
    autoDevice: "cpu",
    source: { kind: "faces", name: "2×2 faces" },
    classCount: 0,
    words: { part: "corner", thing: "face", things: "faces" },
    ownFiles: false,
    // Ink on paper: 0 is light, 1 is dark.
    palette: { low: "#fffdf6", high: "#1d1b18", gap: "#b9b3a6" },
  },
  {
    ...IMAGES,
    id: "mnist",
    label: "MNIST",
    summary: "Handwritten digits: from noise to readable numerals within one or two thousand steps.",
    presets: [
      { name: "mnist-fast", label: "mnist-fast: small, quick" },
      { name: "mnist-keras", label: "mnist-keras: the classic Keras size" },
      { name: "mnist-dcgan", label: "mnist-dcgan: convolutional, hinge loss" },
      { name: "mnist-dcgan-classic", label: "mnist-dcgan-classic: convolutional, cross-entropy" },
      { name: "wgan-gp", label: "wgan-gp: Wasserstein, gradient penalty" },
    ],
    source: { kind: "shards", name: "MNIST", index: "./data/mnist/index.json" },
    words: { part: "stroke", thing: "numeral", things: "numerals" },
  },
  {
    ...IMAGES,
    id: "fashion",
    label: "Fashion-MNIST",
    summary: "Clothes, shoes and bags as a shop photographs them: as small as MNIST, and harder.",
    presets: [
      { name: "fashion-dense", label: "fashion-dense: small, quick" },
      { name: "fashion-conv", label: "fashion-conv: convolutional, slower" },
    ],
    source: { kind: "shards", name: "Fashion-MNIST", index: "./data/fashion-mnist/index.json" },
    words: { part: "shape", thing: "garment", things: "garments" },
  },
];

/** Mode shown when the permalink names none. */
export const DEFAULT_MODE = "mnist";
