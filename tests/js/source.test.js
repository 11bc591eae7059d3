import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchOrder } from "../../www/worker/data/batch-order.js";
import { FaceSource, ImageSource, scaleBytes } from "../../www/worker/data/source.js";

/** @type {import("../../src/types.d.ts").SampleShape} */
const SHAPE = { width: 2, height: 1, range: [-1, 1] };

/**
 * @param {number} n
 * @returns {Uint32Array}
 */
const identity = (n) => Uint32Array.from({ length: n }, (_, i) => i);
/**
 * @param {number} n
 * @returns {Uint32Array}
 */
const backwards = (n) => identity(n).reverse();

/**
 * A permutation that depends on how often it was asked, like the session's seeded stream.
 * @returns {{permutation: (n: number) => Uint32Array, asked: number[]}}
 */
function stream() {
  /** @type {number[]} */
  const asked = [];
  return {
    asked,
    permutation(n) {
      asked.push(n);
      const turn = asked.length;
      return identity(n).map((_, i) => (i + turn) % n);
    },
  };
}

/**
 * @param {readonly number[]} counts
 * @param {(n: number) => Uint32Array} [permutation]
 * @returns {BatchOrder} with all shards here
 */
function complete(counts, permutation = identity) {
  const order = new BatchOrder(counts, permutation);
  counts.forEach((_, shard) => (order.state[shard] = "here"));
  return order;
}

/**
 * @param {BatchOrder} order
 * @param {number} n
 * @returns {number[]}
 */
const take = (order, n) => [...(order.next(n) ?? [])];

test("bytes are scaled as (p - 127.5) / 127.5 for [-1, 1], and p / 255 for [0, 1]", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, p) => p);
  const out = new Float32Array(257);
  scaleBytes(bytes, [-1, 1], out, 1);
  bytes.forEach((p) => assert.equal(out[p + 1], Math.fround((p - 127.5) / 127.5)));
  assert.equal(out[0], 0, "wrote before its start");
  scaleBytes(bytes, [0, 1], out, 0);
  bytes.forEach((p) => assert.ok(Math.abs(out[p] - p / 255) < 1e-7)); // one rounding of f32
});

test("the first epoch goes shard by shard in file order, each shuffled", () => {
  assert.deepEqual(take(complete([3, 2, 4], backwards), 9), [2, 1, 0, 4, 3, 8, 7, 6, 5]);
});

test("each epoch shows every sample exactly once, whatever the batch size", () => {
  for (const batch of [1, 2, 4, 5, 9]) {
    const order = complete([3, 2, 4], stream().permutation);
    const seen = [];
    while (seen.length < 9 * batch) seen.push(...take(order, batch));
    for (let start = 0; start + 9 <= seen.length; start += 9) {
      assert.deepEqual(seen.slice(start, start + 9).sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8], `epoch at ${start}, batch ${batch}`);
    }
  }
});

test("later epochs are permutations of the whole set", () => {
  const { permutation, asked } = stream();
  const order = complete([3, 2, 4], permutation);
  take(order, 27);
  assert.deepEqual(asked, [3, 2, 4, 9, 9]);
});

test("a batch larger than the whole set goes round", () => {
  assert.deepEqual(take(complete([2]), 5), [0, 1, 0, 1, 0]);
});

test("the order does not depend on when a shard arrives, as long as it is there for its turn", () => {
  const early = complete([3, 2], stream().permutation);
  const late = new BatchOrder([3, 2], stream().permutation);
  late.state[0] = "here";
  const first = take(late, 3);
  late.state[1] = "here";
  assert.deepEqual([...first, ...take(late, 12)], take(early, 15));
});

test("while the next shard is on its way, the ones that are here are gone over again without drawing", () => {
  const { permutation, asked } = stream();
  const order = new BatchOrder([3, 2], permutation);
  order.state[0] = "here";
  assert.deepEqual(take(order, 9), [1, 2, 0, 1, 2, 0, 1, 2, 0]);
  assert.deepEqual(asked, [3]);
  order.state[1] = "here";
  assert.deepEqual(take(order, 2).sort(), [3, 4]);
  assert.deepEqual(asked, [3, 2]);
});

test("without any shard there is no batch", () => {
  const order = new BatchOrder([3, 2], identity);
  assert.equal(order.next(1), null);
  order.state[0] = "failed";
  assert.equal(order.next(1), null);
});

test("a failed first shard is left out, and takes its turn when a retry brings it", () => {
  const order = new BatchOrder([3, 2, 1], identity);
  order.state[0] = "failed";
  order.state[1] = order.state[2] = "here";
  assert.deepEqual(take(order, 6), [3, 4, 5, 3, 4, 5]);
  order.state[0] = "pending";
  assert.deepEqual(take(order, 3), [3, 4, 5], "goes on while the retry runs");
  order.state[0] = "here";
  assert.deepEqual(take(order, 3), [0, 1, 2]);
  assert.deepEqual(take(order, 6), [0, 1, 2, 3, 4, 5]);
});

test("an image source cuts the right samples and scales them", () => {
  const source = new ImageSource("T", SHAPE, [2, 1], backwards);
  assert.equal(source.nextBatch(1), null);
  source.add(0, Uint8Array.from([0, 255, 255, 0]));
  source.add(1, Uint8Array.from([255, 255]));
  assert.deepEqual([...(source.nextBatch(3)?.samples ?? [])], [1, -1, -1, 1, 1, 1]);
  assert.deepEqual([source.available, source.total], [3, 3]);
  assert.deepEqual([...source.head(64)], [-1, 1, 1, -1, 1, 1], "shows the first samples in file order");
});

test("an image source counts what is here and what is missing", () => {
  const source = new ImageSource("T", SHAPE, [2, 1], identity);
  source.add(1, Uint8Array.from([255, 255]));
  source.fail(0);
  assert.deepEqual([source.available, source.total, source.missing], [1, 3, [0]]);
  assert.deepEqual([...(source.nextBatch(2)?.samples ?? [])], [1, 1, 1, 1]);
});

test("faces come in their order, round and round", () => {
  const source = new FaceSource("F", Float32Array.from([1, 2, 3, 4, 5, 6]), 2);
  assert.deepEqual([...source.nextBatch(1).samples], [1, 2]);
  assert.deepEqual([...source.nextBatch(3).samples], [3, 4, 5, 6, 1, 2]);
  assert.equal(source.total, 3);
});

/**
 * Three shards, whose images are their own numbers and whose labels are 0 1 2 0 | 1 1 | 2 0 0.
 * @param {(n: number) => Uint32Array} [permutation]
 * @returns {{source: ImageSource, arrive: (shard: number) => void, batch: (n: number) => number[]}}
 */
function labelled(permutation = identity) {
  const source = new ImageSource("L", { width: 1, height: 1, range: [0, 255] }, [4, 2, 3], permutation, ["a", "b", "c"]);
  const labels = [[0, 1, 2, 0], [1, 1], [2, 0, 0]];
  const arrive = (/** @type {number} */ shard) => {
    const images = Uint8Array.from(labels[shard], (_, i) => source.batchOrder.offsets[shard] + i);
    source.add(shard, images, Uint8Array.from(labels[shard]));
  };
  const batch = (/** @type {number} */ n) => Array.from(source.nextBatch(n)?.samples ?? [], Math.round);
  return { source, arrive, batch };
}

test("only samples of the chosen classes are shown, each exactly once in an epoch", () => {
  const { source, arrive, batch } = labelled(stream().permutation);
  source.choose([0, 2]);
  [0, 1, 2].forEach(arrive);
  assert.deepEqual([source.available, source.arrived, source.total, source.epochSize], [6, 9, 9, 6]);
  for (let epoch = 0; epoch < 20; epoch++) assert.deepEqual(batch(6).sort(), [0, 2, 3, 6, 7, 8], `epoch ${epoch}`);
  assert.deepEqual(Array.from(source.head(64), Math.round), [0, 2, 3, 6, 7, 8]);
});

test("with batches of any size every chosen sample is shown equally often", () => {
  for (const size of [1, 4, 5, 7, 13]) {
    const { source, arrive, batch } = labelled(stream().permutation);
    source.choose([0]);
    [0, 1, 2].forEach(arrive);
    /** @type {Record<number, number>} */
    const seen = {};
    for (let i = 0; i < 4 * 10; i++) for (const image of batch(size)) seen[image] = (seen[image] ?? 0) + 1;
    assert.deepEqual(seen, { 0: 10 * size, 3: 10 * size, 7: 10 * size, 8: 10 * size }, `batches of ${size}`);
  }
});

test("a chosen class takes effect at the next batch, and all classes come back", () => {
  const { source, arrive, batch } = labelled();
  [0, 1, 2].forEach(arrive);
  assert.deepEqual(batch(2), [0, 1]);
  source.choose([1]);
  assert.deepEqual(batch(4), [1, 4, 5, 1]);
  source.choose(null);
  assert.deepEqual(batch(9), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(source.epochSize, 9);
});

test("a choice of all classes draws the same order as no choice", () => {
  const [all, none] = [labelled(stream().permutation), labelled(stream().permutation)];
  all.source.choose([0, 1, 2]);
  [0, 1, 2].forEach((shard) => (all.arrive(shard), none.arrive(shard)));
  assert.deepEqual(all.batch(40), none.batch(40));
});

test("a shard without the chosen class is passed over, also while others are on their way", () => {
  const { source, arrive, batch } = labelled();
  source.choose([2]);
  arrive(1);
  source.batchOrder.state[0] = "failed";
  assert.equal(source.nextBatch(1), null);
  assert.equal(source.available, 0);
  arrive(2);
  assert.deepEqual(batch(3), [6, 6, 6], "one image only: it is repeated");
  assert.ok(Math.abs(source.epochSize - 9 / 5) < 1e-12, "until all are here, the share of what is here stands for the rest");
});

test("the order of chosen classes does not depend on when a shard arrives", () => {
  const [early, late] = [labelled(stream().permutation), labelled(stream().permutation)];
  for (const { source } of [early, late]) source.choose([0, 1]);
  [0, 1, 2].forEach(early.arrive);
  late.arrive(0);
  const first = late.batch(3);
  late.arrive(1);
  late.arrive(2);
  assert.deepEqual([...first, ...late.batch(20)], early.batch(23));
});

test("images without labels know no classes and stay as they are", () => {
  const source = new ImageSource("T", SHAPE, [1], identity);
  source.add(0, Uint8Array.from([0, 255]));
  source.choose([3]);
  assert.deepEqual([source.chosen, source.available], [null, 1]);
});

test("a batch carries the label of each of its samples, whatever is chosen", () => {
  const { source, arrive } = labelled(stream().permutation);
  [0, 1, 2].forEach(arrive);
  const of = [0, 1, 2, 0, 1, 1, 2, 0, 0];
  for (const chosen of [null, [0, 2], null]) {
    source.choose(chosen);
    for (let i = 0; i < 5; i++) {
      const { samples, labels } = /** @type {import("../../www/worker/data/source.js").Batch} */ (source.nextBatch(7));
      assert.deepEqual([...(labels ?? [])], Array.from(samples, (sample) => of[Math.round(sample)]));
    }
  }
  const plain = new ImageSource("T", SHAPE, [1], identity);
  plain.add(0, Uint8Array.from([0, 255]));
  assert.equal(plain.nextBatch(1)?.labels, null);
  assert.equal(new FaceSource("F", Float32Array.of(1, 2), 2).nextBatch(1).labels, null);
});
