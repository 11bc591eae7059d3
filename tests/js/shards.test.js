import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync as gzipBuffer } from "node:zlib";
import { MODES } from "../../www/page/modes.js";
import { checkIndex, DataError, fetchShard, readAtMost, readShard } from "../../www/worker/data/shards.js";

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
const gzipSync = (bytes) => Uint8Array.from(gzipBuffer(bytes));

/** 3 images of 2×2 with labels 7, 8, 9; the bytes are laid out by hand as www/data/README.md describes them. */
const RAW = new Uint8Array([..."GANSHARD"].map((letter) => letter.charCodeAt(0)).concat([1, 0, 2, 0, 2, 0, 3, 0], [7, 8, 9], [...Array(12).keys()]));
const INDEX = indexOf(RAW);
const ENTRY = INDEX.shards[0];

/**
 * @param {Uint8Array<ArrayBuffer>} raw
 * @returns {import("../../www/worker/data/shards.js").ShardIndex}
 */
function indexOf(raw) {
  const sha256 = createHash("sha256").update(raw).digest("hex");
  return { name: "T", width: 2, height: 2, classes: [], shards: [{ file: "t-0.gz", count: 3, gzipBytes: gzipSync(raw).length, bytes: raw.length, sha256 }] };
}

/**
 * @param {Uint8Array} bytes
 * @param {number} [size] bytes of one chunk
 * @returns {ReadableStream<Uint8Array<ArrayBuffer>>}
 */
function streamOf(bytes, size = 5) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(Uint8Array.from(bytes.subarray(at, (at += size))));
    },
  });
}

/**
 * @param {Uint8Array} bytes as served
 * @param {RegExp} message
 * @param {import("../../www/worker/data/shards.js").ShardEntry} [entry]
 */
async function refuses(bytes, message, entry = ENTRY) {
  await assert.rejects(readShard(streamOf(bytes), entry, INDEX), (error) => {
    assert.ok(error instanceof DataError);
    assert.match(error.message, /^t-0\.gz: /, "the message names the file");
    assert.match(error.message, message);
    return true;
  });
}

/**
 * @param {number} at
 * @param {number} value
 * @returns {Uint8Array} gzip'd, with the right sha256 in no index
 */
function withByte(at, value) {
  const changed = Uint8Array.from(RAW);
  changed[at] = value;
  return gzipSync(changed);
}

test("a shard is read whatever the size of its chunks", async () => {
  for (const size of [1, 2, 7, 1000]) {
    const { labels, images } = await readShard(streamOf(gzipSync(RAW), size), ENTRY, INDEX);
    assert.deepEqual([...(labels ?? [])], [7, 8, 9]);
    assert.deepEqual([...images], [...Array(12).keys()]);
  }
});

test("a shard that the browser already gunzipped for its Content-Encoding is read too", async () => {
  const { images } = await readShard(streamOf(RAW), ENTRY, INDEX);
  assert.deepEqual([...images], [...Array(12).keys()]);
});

test("progress grows to 1", async () => {
  /** @type {number[]} */
  const seen = [];
  await readShard(streamOf(RAW), ENTRY, INDEX, (fraction) => seen.push(fraction));
  assert.equal(seen.at(-1), 1);
  assert.deepEqual(seen, seen.toSorted((a, b) => a - b));
});

test("a shard cut short anywhere is refused", async () => {
  const gzip = gzipSync(RAW);
  for (let length = 0; length < gzip.length; length++) await refuses(gzip.subarray(0, length), /truncated/);
});

test("an already gunzipped shard cut short anywhere is refused", async () => {
  for (let length = 0; length < RAW.length; length++) await refuses(RAW.subarray(0, length), /truncated/);
});

test("a flipped bit anywhere in the gzip is refused or changes nothing", async () => {
  const gzip = gzipSync(RAW);
  for (let at = 0; at < gzip.length; at++) {
    const flipped = Uint8Array.from(gzip);
    flipped[at] ^= 0x10;
    // Bits of the gzip header like its time stamp mean nothing; all others must be noticed.
    try {
      const { images } = await readShard(streamOf(flipped), ENTRY, INDEX);
      assert.deepEqual([...images], [...Array(12).keys()]);
    } catch (error) {
      assert.ok(error instanceof DataError, String(error));
    }
  }
});

test("altered pixels in a sound gzip are noticed by their sha256", () => refuses(withByte(20, 99), /corrupted: its sha256/));
test("a wrong magic is refused", () => refuses(withByte(0, 65), /GANSHARD/));
test("a web page in place of a shard is called one", () => refuses(new TextEncoder().encode("<html>not found</html>"), /web page/));
test("an unknown version is refused", () => refuses(withByte(8, 2), /version 2, expected 1/));
test("wrong dimensions are refused", () => refuses(withByte(10, 3), /3×2 images, expected 2×2/));
test("a wrong count is refused", () => refuses(withByte(14, 2), /2 images, expected 3/));

test("a shard larger than promised is given up as soon as it is", async () => {
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(pulled === 1 ? Uint8Array.from(RAW) : new Uint8Array(1000));
    },
  });
  await assert.rejects(readShard(endless, ENTRY, INDEX), /holds more than the 31 bytes/);
  assert.ok(pulled < 10, `read on for ${pulled} chunks`);
});

test("a gzip bomb is given up before it unfolds", async () => {
  const bomb = gzipSync(new Uint8Array(50_000_000));
  await assert.rejects(readShard(streamOf(bomb, 1000), ENTRY, INDEX), /holds more than the 31 bytes/);
});

test("a missing file and a dead network are told apart in words", async (t) => {
  t.mock.method(globalThis, "fetch", async () => new Response("no", { status: 404 }));
  await assert.rejects(fetchShard("x/t-0.gz", ENTRY, INDEX, "default", () => {}), /t-0\.gz: the server answered 404.*Retry/);
  t.mock.method(globalThis, "fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(fetchShard("x/t-0.gz", ENTRY, INDEX, "default", () => {}), /t-0\.gz: could not be fetched.*connection.*Retry/);
});

test("readAtMost stops at its limit", async () => {
  assert.equal((await readAtMost(streamOf(new Uint8Array(10)), 10, "f")).length, 10);
  await assert.rejects(readAtMost(streamOf(new Uint8Array(11)), 10, "f"), /f: holds more than 10 bytes/);
});

test("a sound index is taken as it is", () => {
  assert.equal(checkIndex(INDEX, { width: 2, height: 2 }, "index.json"), INDEX);
});

for (const [what, spoil, message] of /** @type {[string, (index: any) => unknown, RegExp][]} */ ([
  ["no object", () => null, /has no name/],
  ["other dimensions", (index) => ({ ...index, width: 3 }), /lists 3×2 images/],
  ["no shards", (index) => ({ ...index, shards: [] }), /1 to 64 shards/],
  ["a thousand shards", (index) => ({ ...index, shards: Array(1000).fill(index.shards[0]) }), /1 to 64 shards/],
  ["a path out of the folder", (index) => withEntry(index, { file: "../../secret" }), /plain file name/],
  ["another host", (index) => withEntry(index, { file: "https://example.org/x" }), /plain file name/],
  ["more bytes than its images take", (index) => withEntry(index, { bytes: 4_000_000_000 }), /4000000000 bytes/],
  ["a fractional count", (index) => withEntry(index, { count: 1.5 }), /count of 1.5/],
  ["no checksum", (index) => withEntry(index, { sha256: undefined }), /no sha256/],
])) {
  test(`an index with ${what} is refused`, () => {
    assert.throws(() => checkIndex(/** @type {any} */ (spoil(structuredClone(INDEX))), { width: 2, height: 2 }, "index.json"), message);
  });
}

/**
 * @param {import("../../www/worker/data/shards.js").ShardIndex} index
 * @param {object} changes
 * @returns {object}
 */
function withEntry(index, changes) {
  return { ...index, shards: [{ ...index.shards[0], ...changes }] };
}

for (const { label, source, classCount } of MODES) {
  if (source.kind !== "shards") continue;
  test(`every shard of ${label} that is served passes all checks`, async (t) => {
    const index = new URL(source.index, new URL("../../www/", import.meta.url));
    if (!existsSync(index)) return t.skip(`${source.index} is not there`);
    const checked = checkIndex(JSON.parse(readFileSync(index, "utf8")), { width: 28, height: 28 }, "index.json");
    assert.equal(checked.classes.length, classCount);
    let count = 0;
    for (const entry of checked.shards) {
      const { labels, images } = await readShard(streamOf(Uint8Array.from(readFileSync(new URL(entry.file, index))), 65536), entry, checked);
      assert.equal(labels?.length, entry.count);
      assert.ok(labels?.every((number) => number < classCount));
      count += images.length / 784;
    }
    assert.equal(count, 60_000); // both training sets, as their authors give them
  });
}
