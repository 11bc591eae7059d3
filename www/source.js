// Sources of real samples: pictures kept as bytes, cut into batches in a seeded order, and scaled to the range of the network.
// Pure: no fetch, no DOM, no clock, and the only randomness is the session's permutation().

/** @typedef {import("../src/types.d.ts").SampleShape} SampleShape */
/** @typedef {(n: number) => Uint32Array} Permutation a shuffled 0..n-1 from the session's seeded stream */

/**
 * @typedef {object} Source
 * @property {string} name
 * @property {number} available images that can be trained on now
 * @property {number} total images of the whole source
 * @property {(batch: number) => Float32Array | null} nextBatch row-major [batch, width * height]; null while there are no data
 * @property {(count: number) => Float32Array} head the first `count` samples (or fewer), for display
 */

/**
 * Order in which the images of a source that arrives in shards are shown.
 *
 * The first pass goes shard by shard in file order, each shuffled: so training starts with the first shard, and a run does not depend on
 * how fast the others arrive. After it, each pass is a permutation of all images. A batch that reaches the end of a shard or a pass is
 * filled from the next one (nothing is dropped, no batch is short: BatchNorm sees the same batch size all the time).
 */
export class ShardOrder {
  /**
   * @param {readonly number[]} counts images of each shard
   * @param {Permutation} permutation
   */
  constructor(counts, permutation) {
    this.counts = counts;
    this.permutation = permutation;
    /** @type {("pending" | "here" | "failed")[]} */
    this.state = counts.map(() => "pending");
    /** First image of each shard, counted over all shards. */
    this.offsets = counts.map((_, shard) => counts.slice(0, shard).reduce((sum, count) => sum + count, 0));
    /** @type {boolean[]} shards whose turn in the first pass has come */
    this.visited = counts.map(() => false);
    /** @type {Uint32Array[]} what the first pass has shown, shard by shard */
    this.shown = [];
    this.repeated = 0;
    /** @type {Uint32Array} */
    this.current = new Uint32Array(0);
    this.position = 0;
  }

  /** @returns {number} images that are here */
  get available() {
    return this.counts.reduce((sum, count, shard) => sum + (this.state[shard] === "here" ? count : 0), 0);
  }

  /**
   * @param {number} batch
   * @returns {Uint32Array | null} numbers of the next images, counted over all shards; null while none can be shown
   */
  next(batch) {
    const numbers = new Uint32Array(batch);
    for (let filled = 0; filled < batch;) {
      if (this.position === this.current.length) {
        const run = this.#nextRun();
        if (!run) return null; // Only before the first shard: later there is always something to go over again.
        this.current = run;
        this.position = 0;
      }
      const part = this.current.subarray(this.position, this.position + batch - filled);
      numbers.set(part, filled);
      filled += part.length;
      this.position += part.length;
    }
    return numbers;
  }

  /** @returns {Uint32Array | null} */
  #nextRun() {
    for (let shard = 0; shard < this.counts.length; shard++) {
      if (this.visited[shard] || this.state[shard] === "failed") continue;
      if (this.state[shard] === "pending") return this.#goOverAgain();
      this.visited[shard] = true;
      const run = this.permutation(this.counts[shard]).map((number) => number + this.offsets[shard]);
      this.shown.push(run);
      return run;
    }
    const available = this.available;
    if (available === 0) return null;
    return this.permutation(available).map((number) => this.#imageNumber(number));
  }

  /**
   * The shard whose turn it is has not arrived: those that have are shown again, in the order they were, rather than waiting. Nothing
   * is drawn from the seeded stream for it, but from here on a run on a slow connection differs from one on a fast connection.
   * @returns {Uint32Array | null}
   */
  #goOverAgain() {
    if (this.shown.length === 0) return null;
    return this.shown[this.repeated++ % this.shown.length];
  }

  /**
   * @param {number} number counted over the shards that are here
   * @returns {number} counted over all shards
   */
  #imageNumber(number) {
    for (let shard = 0; shard < this.counts.length; shard++) {
      if (this.state[shard] !== "here") continue;
      if (number < this.counts[shard]) return this.offsets[shard] + number;
      number -= this.counts[shard];
    }
    throw new RangeError("permutation() gave a number past the images that are here");
  }
}

/**
 * Grey pictures kept as bytes, in one or more shards that may still be on their way.
 * @implements {Source}
 */
export class ImageSource {
  /**
   * @param {string} name
   * @param {SampleShape} shape
   * @param {readonly number[]} counts images of each shard
   * @param {Permutation} permutation
   */
  constructor(name, shape, counts, permutation) {
    this.name = name;
    this.shape = shape;
    this.total = counts.reduce((sum, count) => sum + count, 0);
    this.order = new ShardOrder(counts, permutation);
    /** @type {(Uint8Array | null)[]} pixels of each shard */
    this.shards = counts.map(() => null);
  }

  get available() {
    return this.order.available;
  }

  /** @returns {number[]} shards that are not here */
  get missing() {
    return this.shards.flatMap((pixels, shard) => (pixels ? [] : [shard]));
  }

  /**
   * @param {number} shard
   * @param {Uint8Array} pixels [count, height, width]
   */
  add(shard, pixels) {
    this.shards[shard] = pixels;
    this.order.state[shard] = "here";
  }

  /** @param {number} shard */
  fail(shard) {
    this.order.state[shard] = "failed";
  }

  /** @param {number} shard is being fetched again */
  expect(shard) {
    this.order.state[shard] = "pending";
  }

  /**
   * @param {number} batch
   * @returns {Float32Array | null}
   */
  nextBatch(batch) {
    const numbers = this.order.next(batch);
    return numbers && this.#cut(numbers);
  }

  /**
   * @param {number} count
   * @returns {Float32Array}
   */
  head(count) {
    const shard = this.shards.findIndex((pixels) => pixels !== null);
    if (shard < 0) return new Float32Array(0);
    const first = this.order.offsets[shard];
    return this.#cut(Uint32Array.from({ length: Math.min(count, this.order.counts[shard]) }, (_, i) => first + i));
  }

  /**
   * @param {Uint32Array} numbers of images, counted over all shards
   * @returns {Float32Array} [numbers.length, width * height]
   */
  #cut(numbers) {
    const { offsets, counts } = this.order;
    const dim = this.shape.width * this.shape.height;
    const rows = new Float32Array(numbers.length * dim);
    numbers.forEach((number, row) => {
      const shard = offsets.findIndex((offset, i) => number < offset + counts[i]);
      const pixels = this.shards[shard];
      if (!pixels) throw new RangeError(`image ${number} is of a shard that is not here`);
      const start = (number - offsets[shard]) * dim;
      scaleBytes(pixels.subarray(start, start + dim), this.shape.range, rows, row * dim);
    });
    return rows;
  }
}

/**
 * Writes bytes 0..255 as numbers of `range`: for [-1, 1] exactly (p - 127.5) / 127.5, as in the Keras example.
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
 * The toy's faces, shown in their order without shuffling, as the notebook does.
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
    this.available = this.total;
    this.position = 0;
  }

  /**
   * @param {number} batch
   * @returns {Float32Array}
   */
  nextBatch(batch) {
    const rows = new Float32Array(batch * this.dim);
    for (let row = 0; row < batch; row++) {
      rows.set(this.faces.subarray(this.position * this.dim, (this.position + 1) * this.dim), row * this.dim);
      this.position = (this.position + 1) % this.total;
    }
    return rows;
  }

  /**
   * @param {number} count
   * @returns {Float32Array}
   */
  head(count) {
    return this.faces.slice(0, count * this.dim);
  }
}
