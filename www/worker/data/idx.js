// Reads idx files, the format MNIST was published in: a magic number, big-endian sizes, then bytes. For people's own files, so nothing
// in them is believed: lengths are checked against the header before anything is used.

import { DataError, gunzipIfNeeded, readAtMost } from "./shards.js";

/** @typedef {import("./shards.js").LabelledImages} LabelledImages */

const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;
const IMAGES_HEADER = 16;
const LABELS_HEADER = 8;
/** Most images in one own file; so many of 28×28 take 78 MB. MNIST's training file has 60,000. */
export const MAX_OWN_IMAGES = 100_000;

/**
 * @param {ArrayBufferView & Uint8Array} bytes
 * @returns {DataView}
 */
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * @param {Uint8Array} bytes a whole idx3-ubyte file, gunzipped
 * @param {{width: number, height: number}} expected
 * @param {string} file
 * @returns {Uint8Array} its images, [count, height, width]
 */
export function readIdxImages(bytes, expected, file) {
  if (bytes.length < IMAGES_HEADER) throw new DataError(file, `is truncated: ${bytes.length} bytes are less than the header takes`, CHOOSE);
  const view = viewOf(bytes);
  const magic = view.getUint32(0);
  if (magic !== IMAGES_MAGIC) {
    throw new DataError(file, `begins with ${hex(magic)}, expected ${hex(IMAGES_MAGIC)} (idx3-ubyte images)`, CHOOSE);
  }
  const [count, height, width] = [view.getUint32(4), view.getUint32(8), view.getUint32(12)];
  if (width !== expected.width || height !== expected.height) {
    throw new DataError(file, `holds ${width}×${height} images, expected ${expected.width}×${expected.height}`, CHOOSE);
  }
  if (count < 1 || count > MAX_OWN_IMAGES) {
    throw new DataError(file, `says it holds ${count} images, expected 1 to ${MAX_OWN_IMAGES}`, CHOOSE);
  }
  const length = IMAGES_HEADER + count * width * height;
  if (bytes.length < length) throw new DataError(file, `is truncated: ${bytes.length} of ${length} bytes`, CHOOSE);
  if (bytes.length > length) throw new DataError(file, `is ${bytes.length} bytes long, but its header promises ${length}`, CHOOSE);
  return bytes.subarray(IMAGES_HEADER);
}

const CHOOSE = "Choose an idx3-ubyte file like train-images-idx3-ubyte.gz; the data you had stay in use.";

/**
 * @param {Uint8Array} bytes a whole idx1-ubyte file, gunzipped
 * @param {number} count images the labels belong to
 * @param {string} file
 * @returns {Uint8Array}
 */
export function readIdxLabels(bytes, count, file) {
  const todo = "Choose the labels file that belongs to the images, or none.";
  if (bytes.length < LABELS_HEADER) throw new DataError(file, "is truncated: it is shorter than its header", todo);
  const view = viewOf(bytes);
  const magic = view.getUint32(0);
  if (magic !== LABELS_MAGIC) throw new DataError(file, `begins with ${hex(magic)}, expected ${hex(LABELS_MAGIC)} (idx1-ubyte labels)`, todo);
  const promised = view.getUint32(4);
  if (promised !== count) throw new DataError(file, `holds ${promised} labels for ${count} images`, todo);
  if (bytes.length !== LABELS_HEADER + count) throw new DataError(file, `is ${bytes.length} bytes long, expected ${LABELS_HEADER + count}`, todo);
  return bytes.subarray(LABELS_HEADER);
}

/**
 * Reads the files that a person chose: one of images, and one of labels if they like, each idx or idx.gz, in any order.
 * @param {readonly File[]} files
 * @param {{width: number, height: number}} expected
 * @returns {Promise<LabelledImages & {name: string}>}
 */
export async function readOwnFiles(files, expected) {
  const limit = IMAGES_HEADER + MAX_OWN_IMAGES * expected.width * expected.height;
  /** @type {{name: string, bytes: Uint8Array} | null} */
  let imageFile = null;
  /** @type {{name: string, bytes: Uint8Array} | null} */
  let labelFile = null;
  if (files.length > 2) throw new DataError(`${files.length} files`, "are too many", "Choose one file of images, and one of labels if you like.");
  for (const file of files) {
    const bytes = await readAtMost(await gunzipIfNeeded(file.stream()), limit, file.name);
    const isLabels = bytes.length >= LABELS_HEADER && viewOf(bytes).getUint32(0) === LABELS_MAGIC;
    if (isLabels ? labelFile : imageFile) {
      throw new DataError(file.name, `is a second file of ${isLabels ? "labels" : "images"}`, "Choose one file of images, and one of labels if you like.");
    }
    if (isLabels) labelFile = { name: file.name, bytes };
    else imageFile = { name: file.name, bytes };
  }
  if (!imageFile) throw new DataError(labelFile?.name ?? "no file", "holds labels only", "Choose the file of images too.");
  const images = readIdxImages(imageFile.bytes, expected, imageFile.name);
  const count = images.length / (expected.width * expected.height);
  return { name: imageFile.name, images, labels: labelFile && readIdxLabels(labelFile.bytes, count, labelFile.name) };
}

/**
 * @param {number} magic
 * @returns {string}
 */
function hex(magic) {
  return `0x${magic.toString(16).padStart(8, "0")}`;
}
