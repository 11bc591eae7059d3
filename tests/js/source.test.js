import assert from "node:assert/strict";
import { test } from "node:test";
import { FaceSource, ImageSource, scaleBytes, ShardOrder } from "../../www/source.js";

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
 * @returns {ShardOrder} with all shards here
 */
function complete(counts, permutation = identity) {
  const order = new ShardOrder(counts, permutation);
  counts.forEach((_, shard) => (order.state[shard] = "here"));
  return order;
}

/**
 * @param {ShardOrder} order
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

test("the first pass goes shard by shard in file order, each shuffled", () => {
  assert.deepEqual(take(complete([3, 2, 4], backwards), 9), [2, 1, 0, 4, 3, 8, 7, 6, 5]);
});

test("each pass shows every image exactly once, whatever the batch size", () => {
  for (const batch of [1, 2, 4, 5, 9]) {
    const order = complete([3, 2, 4], stream().permutation);
    const seen = [];
    while (seen.length < 9 * batch) seen.push(...take(order, batch));
    for (let pass = 0; pass + 9 <= seen.length; pass += 9) {
      assert.deepEqual(seen.slice(pass, pass + 9).sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8], `pass at ${pass}, batch ${batch}`);
    }
  }
});

test("later passes are permutations of the whole set", () => {
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
  const late = new ShardOrder([3, 2], stream().permutation);
  late.state[0] = "here";
  const first = take(late, 3);
  late.state[1] = "here";
  assert.deepEqual([...first, ...take(late, 12)], take(early, 15));
});

test("while the next shard is on its way, the ones that are here are gone over again without drawing", () => {
  const { permutation, asked } = stream();
  const order = new ShardOrder([3, 2], permutation);
  order.state[0] = "here";
  assert.deepEqual(take(order, 9), [1, 2, 0, 1, 2, 0, 1, 2, 0]);
  assert.deepEqual(asked, [3]);
  order.state[1] = "here";
  assert.deepEqual(take(order, 2).sort(), [3, 4]);
  assert.deepEqual(asked, [3, 2]);
});

test("without any shard there is no batch", () => {
  const order = new ShardOrder([3, 2], identity);
  assert.equal(order.next(1), null);
  order.state[0] = "failed";
  assert.equal(order.next(1), null);
});

test("a failed first shard is left out, and takes its turn when a retry brings it", () => {
  const order = new ShardOrder([3, 2, 1], identity);
  order.state[0] = "failed";
  order.state[1] = order.state[2] = "here";
  assert.deepEqual(take(order, 6), [3, 4, 5, 3, 4, 5]);
  order.state[0] = "pending";
  assert.deepEqual(take(order, 3), [3, 4, 5], "goes on while the retry runs");
  order.state[0] = "here";
  assert.deepEqual(take(order, 3), [0, 1, 2]);
  assert.deepEqual(take(order, 6), [0, 1, 2, 3, 4, 5]);
});

test("an image source cuts the right rows and scales them", () => {
  const source = new ImageSource("T", SHAPE, [2, 1], backwards);
  assert.equal(source.nextBatch(1), null);
  source.add(0, Uint8Array.from([0, 255, 255, 0]));
  source.add(1, Uint8Array.from([255, 255]));
  assert.deepEqual([...(source.nextBatch(3) ?? [])], [1, -1, -1, 1, 1, 1]);
  assert.deepEqual([source.available, source.total], [3, 3]);
  assert.deepEqual([...source.head(64)], [-1, 1, 1, -1], "shows the first shard in file order");
});

test("an image source counts what is here and what is missing", () => {
  const source = new ImageSource("T", SHAPE, [2, 1], identity);
  source.add(1, Uint8Array.from([255, 255]));
  source.fail(0);
  assert.deepEqual([source.available, source.total, source.missing], [1, 3, [0]]);
  assert.deepEqual([...(source.nextBatch(2) ?? [])], [1, 1, 1, 1]);
});

test("faces come in their order, round and round", () => {
  const source = new FaceSource("F", Float32Array.from([1, 2, 3, 4, 5, 6]), 2);
  assert.deepEqual([...source.nextBatch(1)], [1, 2]);
  assert.deepEqual([...source.nextBatch(3)], [3, 4, 5, 6, 1, 2]);
  assert.equal(source.total, 3);
});
