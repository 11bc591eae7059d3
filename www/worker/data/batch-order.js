// The seeded order in which the images of a source are shown while its shards arrive one by one. Pure: no fetch, no DOM, no clock,
// and the only randomness is the session's permutation().

/** @typedef {(n: number) => Uint32Array} Permutation a shuffled 0..n-1 from the session's seeded stream */

/**
 * Order in which the images of a source that arrives in shards are shown; of each shard all images, or only those that are kept.
 *
 * The first pass goes shard by shard in file order, each shuffled: so training starts with the first shard, and a run does not depend on
 * how fast the others arrive. After it, each pass is a permutation of all images. A batch that reaches the end of a shard or a pass is
 * filled from the next one (nothing is dropped, no batch is short: BatchNorm sees the same batch size all the time).
 */
export class ShardOrder {
  /** @type {boolean[]} shards whose turn in the first pass has come */
  visited = [];
  /** @type {Uint32Array[]} what the first pass has shown, shard by shard */
  shown = [];
  repeated = 0;
  /** @type {Uint32Array} */
  current = new Uint32Array(0);
  position = 0;

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
    /** @type {(Uint32Array | null)[]} images of each shard that are shown, counted within it; null: all of them */
    this.kept = counts.map(() => null);
    this.restart();
  }

  /** Begins a first pass anew: what is kept has changed. Draws nothing until the next batch. */
  restart() {
    this.visited = this.counts.map(() => false);
    this.shown = [];
    this.repeated = 0;
    this.current = new Uint32Array(0);
    this.position = 0;
  }

  /** @returns {number} images that are here, kept or not */
  get arrived() {
    return this.counts.reduce((sum, count, shard) => sum + (this.state[shard] === "here" ? count : 0), 0);
  }

  /** @returns {number} images that are here and kept */
  get available() {
    return this.counts.reduce((sum, _, shard) => sum + this.#size(shard), 0);
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
        if (!run) return null; // Only before the first image: later there is always something to go over again.
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

  /**
   * @param {number} count
   * @returns {Uint32Array} the first images (or fewer) that are here and kept, in file order, counted over all shards
   */
  first(count) {
    const { available } = this;
    return Uint32Array.from({ length: Math.min(count, available) }, (_, i) => this.#imageNumber(i));
  }

  /**
   * @param {number} shard
   * @returns {number} its images that are here and kept
   */
  #size(shard) {
    return this.state[shard] === "here" ? (this.kept[shard]?.length ?? this.counts[shard]) : 0;
  }

  /** @returns {Uint32Array | null} not empty */
  #nextRun() {
    for (let shard = 0; shard < this.counts.length; shard++) {
      if (this.visited[shard] || this.state[shard] === "failed") continue;
      if (this.state[shard] === "pending") return this.#goOverAgain();
      this.visited[shard] = true;
      const size = this.#size(shard);
      if (size === 0) continue; // Nothing of this shard is kept: nothing is drawn for it.
      const run = this.permutation(size).map((number) => this.#inShard(shard, number));
      this.shown.push(run);
      return run;
    }
    const { available } = this;
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
   * @param {number} shard
   * @param {number} number counted over what is kept of this shard
   * @returns {number} counted over all images of all shards
   */
  #inShard(shard, number) {
    return this.offsets[shard] + (this.kept[shard]?.[number] ?? number);
  }

  /**
   * @param {number} number counted over what is here and kept
   * @returns {number} counted over all images of all shards
   */
  #imageNumber(number) {
    for (let shard = 0; shard < this.counts.length; shard++) {
      const size = this.#size(shard);
      if (number < size) return this.#inShard(shard, number);
      number -= size;
    }
    throw new RangeError("permutation() gave a number past the images that are here");
  }
}
