// The modes of the page: one row each. Nothing else on the page knows a mode by name.

/** @typedef {import("./protocol.d.ts").Mode} Mode */

/** @type {Mode[]} */
export const MODES = [
  {
    id: "toy",
    label: "2×2 faces",
    summary: "The smallest GAN there is: thirteen numbers learn to draw a face of four pixels.",
    family: "toy",
    presets: [{ name: "toy-2x2", label: "toy-2x2: one layer each" }],
    batchSizeFixed: true,
    autoDevice: "cpu",
    source: { kind: "faces", name: "2×2 faces" },
    ownFiles: false,
    // Ink on paper: 0 is light, 1 is dark.
    palette: { low: "#fffdf6", high: "#1d1b18", gap: "#b9b3a6" },
    equilibria: [
      { value: Math.LN2, name: "ln 2 = 0.693", of: "G" },
      { value: 2 * Math.LN2, name: "2 ln 2 = 1.386", of: "D" },
    ],
  },
  {
    id: "mnist",
    label: "MNIST",
    summary: "Handwritten digits: from noise to readable numerals within one or two thousand steps.",
    family: "images",
    presets: [
      { name: "mnist-fast", label: "mnist-fast: small, quick" },
      { name: "mnist-keras", label: "mnist-keras: the classic size" },
    ],
    batchSizeFixed: false,
    autoDevice: "hardware",
    source: { kind: "shards", name: "MNIST", index: "./data/mnist/index.json" },
    ownFiles: true,
    palette: { low: "#000000", high: "#ffffff", gap: "#33322f" },
    equilibria: [{ value: Math.LN2, name: "ln 2 = 0.693", of: "D and G" }],
  },
];

/** Mode shown when the permalink names none. */
export const DEFAULT_MODE = "mnist";

/**
 * @param {string} id
 * @returns {Mode} the row of a mode; throws for an unknown one
 */
export function modeById(id) {
  const mode = MODES.find((row) => row.id === id);
  if (!mode) throw new Error(`mode "${id}" is not in modes.js`);
  return mode;
}
