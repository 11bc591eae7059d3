// The seeded batch order: which samples of a source come when, while its shards arrive one by one. Pure: no fetch, no DOM, no clock, and
// the only randomness is the session's permutation(). Samples are numbers here, counted over all shards.

/** @typedef {(n: number) => Uint32Array} Permutation a shuffled 0..n-1 from the session's seeded stream */

/**
 * Batch order of a source that arrives in shards; of each shard all samples come, or only those that are kept.
 *
 * The first epoch goes shard by shard in file order, each shuffled: so training starts with the first shard, and a run does not depend on
 * how fast the others arrive. Each later epoch is a permutation of all samples. A batch that reaches the end of a shard or an epoch is
 * filled from the next one: nothing is dropped and no batch is short, because BatchNorm needs the same batch size all the time.
 */
export class BatchOrder {
  /** @type {boolean[]} shards whose turn in the first epoch has come */
  visited = [];
  /** @type {Uint32Array[]} samples of the first epoch so far, shard by shard */
  shown = [];
  /** How often a shard of `shown` was gone over again. */
  repeated = 0;
  /** @type {Uint32Array} the shuffled samples that batches are taken from now */
  current = new Uint32Array(0);
  /** How many samples of `current` are taken. */
  position = 0;

  /**
   * @param {readonly number[]} counts samples of each shard
   * @param {Permutation} permutation
   */
  constructor(counts, permutation) {
    this.counts = counts;
    this.permutation = permutation;
    /** @type {("pending" | "here" | "failed")[]} */
    this.state = counts.map(() => "pending");
    /** Number of the first sample of each shard. */
    this.offsets = counts.map((_, shard) => counts.slice(0, shard).reduce((sum, count) => sum + count, 0));
    /** @type {(Uint32Array | null)[]} samples of each shard that are kept, counted within it; null: all of them */
    this.kept = counts.map(() => null);
    this.restart();
  }

  /** Begins a first epoch anew, because other samples are kept. Draws nothing until the next batch. */
  restart() {
    this.visited = this.counts.map(() => false);
    this.shown = [];
    this.repeated = 0;
    this.current = new Uint32Array(0);
    this.position = 0;
  }

  /** @returns {number} samples that are here, kept or not */
  get arrived() {
    return this.counts.reduce((sum, count, shard) => sum + (this.state[shard] === "here" ? count : 0), 0);
  }

  /** @returns {number} samples that are here and kept */
  get available() {
    return this.counts.reduce((sum, _, shard) => sum + this.#size(shard), 0);
  }

  /**
   * @param {number} batch
   * @returns {Uint32Array | null} the next samples; null while there are none
   */
  next(batch) {
    const numbers = new Uint32Array(batch);
    for (let filled = 0; filled < batch;) {
      if (this.position === this.current.length) {
        const shuffled = this.#shuffleNext();
        if (!shuffled) return null; // Only before the first sample: later there is always something to go over again.
        this.current = shuffled;
        this.position = 0;
      }
      const taken = this.current.subarray(this.position, this.position + batch - filled);
      numbers.set(taken, filled);
      filled += taken.length;
      this.position += taken.length;
    }
    return numbers;
  }

  /**
   * @param {number} count
   * @returns {Uint32Array} the first samples (or fewer) that are here and kept, in file order
   */
  first(count) {
    const { available } = this;
    return Uint32Array.from({ length: Math.min(count, available) }, (_, i) => this.#numberOf(i));
  }

  /**
   * @param {number} shard
   * @returns {number} its samples that are here and kept
   */
  #size(shard) {
    return this.state[shard] === "here" ? (this.kept[shard]?.length ?? this.counts[shard]) : 0;
  }

  /** @returns {Uint32Array | null} the samples to take next, shuffled and not empty: those of one shard, or of all; null while there are none */
  #shuffleNext() {
    for (let shard = 0; shard < this.counts.length; shard++) {
      if (this.visited[shard] || this.state[shard] === "failed") continue;
      if (this.state[shard] === "pending") return this.#goOverAgain();
      this.visited[shard] = true;
      const size = this.#size(shard);
      if (size === 0) continue; // Nothing of this shard is kept, so nothing is drawn for it.
      const shuffled = this.permutation(size).map((index) => this.#inShard(shard, index));
      this.shown.push(shuffled);
      return shuffled;
    }
    const { available } = this;
    if (available === 0) return null;
    return this.permutation(available).map((index) => this.#numberOf(index));
  }

  /**
   * Repeats the shards that are here, in the order they came, rather than waiting for the one whose turn it is. Draws nothing from the
   * seeded stream; but from here on a run on a slow connection differs from one on a fast connection.
   * @returns {Uint32Array | null} null: no shard is here
   */
  #goOverAgain() {
    if (this.shown.length === 0) return null;
    return this.shown[this.repeated++ % this.shown.length];
  }

  /**
   * @param {number} shard
   * @param {number} index counted over what is kept of this shard
   * @returns {number} of the sample
   */
  #inShard(shard, index) {
    return this.offsets[shard] + (this.kept[shard]?.[index] ?? index);
  }

  /**
   * @param {number} index counted over what is here and kept
   * @returns {number} of the sample
   */
  #numberOf(index) {
    for (let shard = 0; shard < this.counts.length; shard++) {
      const size = this.#size(shard);
      if (index < size) return this.#inShard(shard, index);
      index -= size;
    }
    throw new RangeError("permutation() gave a number past the samples that are here");
  }
}
