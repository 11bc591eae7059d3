// The data set of a worker: fetches the mode's own shards one after the other, keeps what arrived, fetches again what did not, and
// lets a person's own files take its place for a while. Training never waits for it longer than for the first shard.

import { messageOf } from "../../errors.js";
import { addressOf } from "../../site.js";
import { DataError, fetchIndex, fetchShard } from "./shards.js";
import { readOwnFiles } from "./idx.js";
import { FaceSource, ImageSource } from "./source.js";

/** @typedef {import("../../protocol.d.ts").DatasetReport} DatasetReport */
/** @typedef {import("../../protocol.d.ts").SourceSpec} SourceSpec */
/** @typedef {import("./source.js").Source} Source */
/** @typedef {import("../../../src/types.d.ts").SampleShape} SampleShape */

/** Shortest time between two reports of progress, ms. */
const REPORT_EVERY_MS = 100;
/** Real samples that the page shows. */
export const SHOWN_SAMPLES = 64;

/** Own files whose labels are missing, or are none that the networks know. */
export class UnlabelledError extends DataError {}

/** Real samples and where they come from. */
export class Dataset {
  /**
   * @param {SourceSpec} spec
   * @param {SampleShape} shape of the samples the network takes
   * @param {import("./batch-order.js").Permutation} permutation
   * @param {() => Float32Array} faces the toy's faces
   * @param {{report: (report: DatasetReport) => void, sourceChanged: () => void}} listener `sourceChanged`: the first samples are others now
   */
  constructor(spec, shape, permutation, faces, listener) {
    this.spec = spec;
    this.shape = shape;
    this.permutation = permutation;
    this.listener = listener;
    /** @type {Source | null} the mode's own */
    this.builtIn = spec.kind === "faces" ? new FaceSource(spec.name, faces(), shape.width * shape.height) : null;
    /** @type {Source | null} the person's own */
    this.own = null;
    /** @type {string[]} */
    this.failures = [];
    this.loading = false;
    /** Whether a retry was asked for while it was loading. */
    this.again = false;
    /** How much of the shard on its way has arrived, in samples. */
    this.partial = 0;
    this.reportedAt = 0;
    /** @type {import("./shards.js").ShardIndex | null} */
    this.index = null;
    /** Classes that the networks are told; 0: none, so labels may be missing. */
    this.classesTold = 0;
    /** @type {ReadonlyArray<number> | null} classes of the mode's own data that are trained on; null: all */
    this.classes = null;
  }

  /** @returns {Source | null} what is trained on */
  get source() {
    return this.own ?? this.builtIn;
  }

  /**
   * Fetches what is missing. Never rejects: what fails is reported, and the rest is fetched all the same.
   * @param {RequestCache} cache
   */
  async load(cache) {
    if (this.spec.kind === "faces") {
      this.#report();
      return;
    }
    if (this.loading) {
      this.again = true; // Asked for while others still arrive: what has failed by then is fetched once they have.
      return;
    }
    this.loading = true;
    this.again = false;
    this.failures = [];
    const base = addressOf(this.spec.index);
    try {
      this.index ??= await fetchIndex(base, this.shape, cache);
      if (!this.builtIn) {
        const counts = this.index.shards.map((entry) => entry.count);
        this.builtIn = new ImageSource(this.spec.name, this.shape, counts, this.permutation, this.index.classes);
        this.builtIn.choose(this.classes);
      }
      await this.#loadShards(/** @type {ImageSource} */ (this.builtIn), this.index, base, cache);
    } catch (error) {
      this.failures.push(messageOf(error));
    } finally {
      this.loading = false;
      this.partial = 0;
      this.#report();
    }
    if (this.again && this.failures.length > 0) await this.load(cache === "default" ? "reload" : cache);
  }

  /**
   * @param {ImageSource} source
   * @param {import("./shards.js").ShardIndex} index
   * @param {string} base URL of the index
   * @param {RequestCache} cache
   */
  async #loadShards(source, index, base, cache) {
    const missing = source.missing;
    for (const shard of missing) source.expect(shard);
    this.#report();
    for (const shard of missing) {
      const entry = index.shards[shard];
      try {
        const { images, labels } = await fetchShard(new URL(entry.file, base).href, entry, index, cache, (fraction) => this.#progress(fraction * entry.count));
        const before = source.available;
        source.add(shard, images, labels);
        this.partial = 0;
        this.#report();
        if (before < SHOWN_SAMPLES && source.available > before && !this.own) this.listener.sourceChanged();
      } catch (error) {
        source.fail(shard);
        this.failures.push(messageOf(error));
        this.partial = 0;
        this.#report();
      }
    }
  }

  /**
   * Trains on a person's own files from the next batch on; rejects with a DataError, and changes nothing, if they cannot be used: with an
   * UnlabelledError if networks that are told classes could not be told those.
   * @param {readonly File[]} files
   */
  async openFiles(files) {
    const { name, images, labels } = await readOwnFiles(files, this.shape);
    this.#checkLabels(name, labels);
    const count = images.length / (this.shape.width * this.shape.height);
    const source = new ImageSource(name, this.shape, [count], this.permutation, this.#classesOf(labels));
    source.add(0, images, labels);
    this.own = source;
    this.#report();
    this.listener.sourceChanged();
  }

  /**
   * @param {string} name of the file of images
   * @param {Uint8Array | null} labels
   */
  #checkLabels(name, labels) {
    const { classesTold } = this;
    if (classesTold === 0) return;
    const told = "These networks are told the class of each image.";
    const todo = `${told} Open the images together with their labels file, or start anew with networks that need no labels; the data you had stay in use.`;
    if (!labels) throw new UnlabelledError(name, "came without labels", todo);
    const most = labels.reduce((largest, label) => Math.max(largest, label), 0);
    if (most >= classesTold) throw new UnlabelledError(name, `has labels up to ${most}, but there are ${classesTold} classes, 0 to ${classesTold - 1}`, todo);
  }

  /**
   * @param {Uint8Array | null} labels of a person's own images
   * @returns {readonly string[]} the mode's own names where its classes hold all labels, else numbers
   */
  #classesOf(labels) {
    if (!labels) return [];
    const count = labels.reduce((most, label) => Math.max(most, label + 1), 0);
    const names = this.index?.classes ?? [];
    return count <= names.length ? names : Array.from({ length: count }, (_, label) => String(label));
  }

  /**
   * Trains on some classes only, from the next batch on.
   * @param {boolean} own whether the person's own files are meant, which begin with all of their classes; else the mode's data
   * @param {ReadonlyArray<number> | null} classes null: all
   */
  choose(own, classes) {
    if (!own) this.classes = classes;
    const source = own ? this.own : this.builtIn;
    source?.choose(classes);
    if (!source || source !== this.source) return; // The screen shows other data.
    this.#report();
    this.listener.sourceChanged();
  }

  /**
   * Trains on other samples from the next step on, where the mode's own are no files.
   * @param {Float32Array} samples row-major [count, dim]
   */
  replace(samples) {
    if (!(this.builtIn instanceof FaceSource) || samples.length === 0 || samples.length % this.builtIn.dim !== 0) {
      throw new DataError(this.spec.name, "these samples do not fit", "Nothing was changed.");
    }
    this.builtIn.replace(samples);
    this.#report();
    this.listener.sourceChanged();
  }

  /** Goes back to the mode's own data. */
  closeFiles() {
    this.own = null;
    this.#report();
    this.listener.sourceChanged();
  }

  /** @param {number} samples of the shard on its way that have arrived */
  #progress(samples) {
    this.partial = samples;
    if (performance.now() - this.reportedAt >= REPORT_EVERY_MS) this.#report();
  }

  #report() {
    this.reportedAt = performance.now();
    const { source } = this;
    const builtIn = this.builtIn?.arrived ?? 0;
    this.listener.report({
      name: source?.name ?? this.spec.name,
      available: source?.available ?? 0,
      total: source?.total ?? 0,
      received: this.own ? this.own.total : builtIn + Math.floor(this.partial),
      loading: this.loading && !this.own,
      failures: [...this.failures],
      own: this.own !== null,
      classes: [...(source?.classes ?? [])],
      chosen: source?.chosen ? [...source.chosen] : null,
    });
  }
}
