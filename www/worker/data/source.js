// Sources of real samples: images kept as the bytes that came, cut into batches in a seeded order, and scaled to the range of the network.
// Pure: no fetch, no DOM, no clock, and the only randomness is the session's permutation().

import { BatchOrder } from "./batch-order.js";

/** @typedef {import("../../../src/types.d.ts").SampleShape} SampleShape */
/** @typedef {import("./batch-order.js").Permutation} Permutation */

/**
 * @typedef {object} Batch real samples to train on
 * @property {Float32Array} samples row-major [n, width * height]
 * @property {Uint8Array | null} labels the class of each; null: the source has none
 */

/**
 * @typedef {object} Source
 * @property {string} name
 * @property {number} available samples that can be trained on now: of the chosen classes, where some are chosen
 * @property {number} arrived samples that are here, of all classes
 * @property {number} total samples of the whole source, of all classes
 * @property {number} epochSize samples of one epoch: those of the chosen classes in the whole source
 * @property {readonly string[]} classes names of its classes; empty: its samples have no labels
 * @property {ReadonlyArray<number> | null} chosen classes that are trained on; null: all
 * @property {(classes: ReadonlyArray<number> | null) => void} choose keeps to these classes from the next batch on; null: all
 * @property {(batch: number) => Batch | null} nextBatch the next samples; null while there are no data
 * @property {(count: number) => Float32Array} head the first `count` samples (or fewer), for display
 */

/**
 * Grey images kept as bytes, a sample each, in one or more shards that may still be on their way.
 * @implements {Source}
 */
export class ImageSource {
  /**
   * @param {string} name
   * @param {SampleShape} shape
   * @param {readonly number[]} counts samples of each shard
   * @param {Permutation} permutation
   * @param {readonly string[]} [classes] names of the classes, as its labels number them; empty: labels are not used
   */
  constructor(name, shape, counts, permutation, classes = []) {
    this.name = name;
    this.shape = shape;
    this.classes = classes;
    this.total = counts.reduce((sum, count) => sum + count, 0);
    this.batchOrder = new BatchOrder(counts, permutation);
    /** @type {(Uint8Array | null)[]} images of each shard, [count, height, width] */
    this.images = counts.map(() => null);
    /** @type {(Uint8Array | null)[]} labels of each shard */
    this.labels = counts.map(() => null);
    /** @type {ReadonlyArray<number> | null} */
    this.chosen = null;
  }

  get available() {
    return this.batchOrder.available;
  }

  get arrived() {
    return this.batchOrder.arrived;
  }

  /** Exact once every shard is here; until then an estimate, as if the chosen classes had the same share in the rest. */
  get epochSize() {
    const { arrived } = this;
    return this.chosen === null || arrived === 0 ? this.total : (this.available / arrived) * this.total;
  }

  /** @param {ReadonlyArray<number> | null} classes */
  choose(classes) {
    this.chosen = this.classes.length > 0 ? classes : null;
    this.images.forEach((_, shard) => this.#keep(shard));
    this.batchOrder.restart();
  }

  /**
   * Keeps the samples of the chosen classes.
   * @param {number} shard
   */
  #keep(shard) {
    const [labels, chosen] = [this.labels[shard], this.chosen];
    if (!labels || !chosen) this.batchOrder.kept[shard] = null;
    else this.batchOrder.kept[shard] = Uint32Array.from(labels.keys()).filter((index) => chosen.includes(labels[index]));
  }

  /** @returns {number[]} shards that are not here */
  get missing() {
    return this.images.flatMap((images, shard) => (images ? [] : [shard]));
  }

  /**
   * @param {number} shard
   * @param {Uint8Array} images [count, height, width]
   * @param {Uint8Array | null} [labels] one for each image
   */
  add(shard, images, labels = null) {
    this.images[shard] = images;
    this.labels[shard] = labels;
    this.#keep(shard);
    this.batchOrder.state[shard] = "here";
  }

  /** @param {number} shard */
  fail(shard) {
    this.batchOrder.state[shard] = "failed";
  }

  /** @param {number} shard is being fetched again */
  expect(shard) {
    this.batchOrder.state[shard] = "pending";
  }

  /**
   * @param {number} batch
   * @returns {Batch | null}
   */
  nextBatch(batch) {
    const numbers = this.batchOrder.next(batch);
    return numbers && { samples: this.#cut(numbers), labels: this.classes.length > 0 ? this.#labelsOf(numbers) : null };
  }

  /**
   * @param {number} count
   * @returns {Float32Array}
   */
  head(count) {
    return this.#cut(this.batchOrder.first(count));
  }

  /**
   * @param {Uint32Array} numbers of samples, counted over all shards
   * @returns {Uint8Array} their classes
   */
  #labelsOf(numbers) {
    return Uint8Array.from(numbers, (number) => {
      const { shard, index } = this.#placeOf(number);
      const labels = this.labels[shard];
      if (!labels) throw new RangeError(`sample ${number} is of a shard without labels`);
      return labels[index];
    });
  }

  /**
   * @param {number} number of a sample, counted over all shards
   * @returns {{shard: number, index: number}} `index`: counted within the shard
   */
  #placeOf(number) {
    const { offsets, counts } = this.batchOrder;
    const shard = offsets.findIndex((offset, i) => number < offset + counts[i]);
    return { shard, index: number - offsets[shard] };
  }

  /**
   * @param {Uint32Array} numbers of samples, counted over all shards
   * @returns {Float32Array} these samples, row-major [numbers.length, width * height]
   */
  #cut(numbers) {
    const dim = this.shape.width * this.shape.height;
    const samples = new Float32Array(numbers.length * dim);
    numbers.forEach((number, row) => {
      const { shard, index } = this.#placeOf(number);
      const images = this.images[shard];
      if (!images) throw new RangeError(`sample ${number} is of a shard that is not here`);
      const start = index * dim;
      scaleBytes(images.subarray(start, start + dim), this.shape.range, samples, row * dim);
    });
    return samples;
  }
}

/**
 * Writes bytes 0..255 as values in `range`: for [-1, 1] exactly (p - 127.5) / 127.5, as in the Keras example.
 * @param {Uint8Array} bytes
 * @param {readonly [number, number]} range
 * @param {Float32Array} out
 * @param {number} start first value of `out` to write
 */
export function scaleBytes(bytes, [low, high], out, start) {
  const middle = (low + high) / 2;
  const half = (high - low) / 2;
  for (let i = 0; i < bytes.length; i++) out[start + i] = ((bytes[i] - 127.5) / 127.5) * half + middle;
}

/**
 * The toy's faces, which come in their order without shuffling, as in the notebook.
 * @implements {Source}
 */
export class FaceSource {
  /**
   * @param {string} name
   * @param {Float32Array} faces row-major [count, dim], already in shape.range
   * @param {number} dim values of one face
   */
  constructor(name, faces, dim) {
    this.name = name;
    this.faces = faces;
    this.dim = dim;
    this.total = faces.length / dim;
    this.available = this.arrived = this.epochSize = this.total;
    /** @type {readonly string[]} */
    this.classes = [];
    /** @type {ReadonlyArray<number> | null} */
    this.chosen = null;
    this.position = 0;
  }

  choose() {} // Faces have no classes.

  /** @param {Float32Array} faces row-major [count, dim]: these come from now on, from the first */
  replace(faces) {
    this.faces = faces;
    this.total = this.available = this.arrived = this.epochSize = faces.length / this.dim;
    this.position = 0;
  }

  /**
   * @param {number} batch
   * @returns {Batch}
   */
  nextBatch(batch) {
    const samples = new Float32Array(batch * this.dim);
    for (let row = 0; row < batch; row++) {
      samples.set(this.faces.subarray(this.position * this.dim, (this.position + 1) * this.dim), row * this.dim);
      this.position = (this.position + 1) % this.total;
    }
    return { samples, labels: null };
  }

  /**
   * @param {number} count
   * @returns {Float32Array}
   */
  head(count) {
    return this.faces.slice(0, count * this.dim);
  }
}
