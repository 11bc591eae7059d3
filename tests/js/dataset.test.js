import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Dataset, UnlabelledError } from "../../www/worker/data/dataset.js";

/** @typedef {import("../../www/protocol.d.ts").DatasetReport} DatasetReport */

/** Three shards of two 1×1 images each. */
const SHARDS = [0, 1, 2].map((number) => {
  const raw = new Uint8Array([..."GANSHARD"].map((letter) => letter.charCodeAt(0)).concat([1, 0, 1, 0, 1, 0, 2, 0], [0, 0], [number, 255]));
  return { file: `s-${number}.gz`, raw, gzip: Uint8Array.from(gzipSync(raw)) };
});
const INDEX = {
  name: "S", width: 1, height: 1, classes: ["zero", "one"],
  shards: SHARDS.map(({ file, raw, gzip }) => (
    { file, count: 2, gzipBytes: gzip.length, bytes: raw.length, sha256: createHash("sha256").update(raw).digest("hex") }
  )),
};

/**
 * A data set served from memory.
 * @param {{mock: typeof import("node:test").mock}} t
 * @param {Set<string>} broken files that answer 404
 * @returns {{dataset: Dataset, reports: DatasetReport[], fetched: {file: string, cache: string}[], changes: () => number}}
 */
function served(t, broken) {
  /** @type {DatasetReport[]} */
  const reports = [];
  /** @type {{file: string, cache: string}[]} */
  const fetched = [];
  let changes = 0;
  t.mock.method(globalThis, "fetch", async (/** @type {string} */ url, /** @type {RequestInit} */ { cache }) => {
    const file = url.slice(url.lastIndexOf("/") + 1);
    fetched.push({ file, cache: String(cache) });
    if (broken.has(file)) return new Response("", { status: 404 });
    return new Response(file === "index.json" ? JSON.stringify(INDEX) : SHARDS.find((shard) => shard.file === file)?.gzip);
  });
  const listener = { report: (/** @type {DatasetReport} */ report) => void reports.push(report), sourceChanged: () => void (changes += 1) };
  const identity = (/** @type {number} */ n) => Uint32Array.from({ length: n }, (_, i) => i);
  /** @type {import("../../www/protocol.d.ts").SourceSpec} */
  const spec = { kind: "shards", name: "S", index: "./data/s/index.json" };
  const dataset = new Dataset(spec, { width: 1, height: 1, range: [0, 1] }, identity, () => new Float32Array(0), listener);
  return { dataset, reports, fetched, changes: () => changes };
}

test("shards are fetched one after the other, in file order, and reported as they come", async (t) => {
  const { dataset, reports, fetched, changes } = served(t, new Set());
  await dataset.load("default");
  assert.deepEqual(fetched.map(({ file }) => file), ["index.json", "s-0.gz", "s-1.gz", "s-2.gz"]);
  assert.deepEqual([...new Set(reports.map((report) => report.available))], [0, 2, 4, 6]);
  assert.ok(reports.every((report) => report.total === 6 && report.received <= 6));
  const last = reports.at(-1);
  assert.deepEqual([last?.loading, last?.failures, last?.own], [false, [], false]);
  assert.equal(changes(), 3, "the real samples are shown anew as long as they are fewer than fit");
});

test("a retry fetches only what is missing, past the cache", async (t) => {
  const broken = new Set(["s-1.gz"]);
  const { dataset, reports, fetched } = served(t, broken);
  await dataset.load("default");
  assert.equal(reports.at(-1)?.available, 4);
  assert.match(reports.at(-1)?.failures[0] ?? "", /s-1\.gz: the server answered 404/);
  broken.clear();
  fetched.length = 0;
  await dataset.load("reload");
  assert.deepEqual(fetched, [{ file: "s-1.gz", cache: "reload" }]);
  assert.deepEqual([reports.at(-1)?.available, reports.at(-1)?.failures], [6, []]);
});

test("a retry that is asked for while shards still arrive is not lost", async (t) => {
  const broken = new Set(["s-0.gz"]);
  const { dataset, reports } = served(t, broken);
  const loading = dataset.load("default");
  while (!reports.some((report) => report.failures.length > 0)) await new Promise((resolve) => setImmediate(resolve));
  broken.clear();
  await dataset.load("reload");
  await loading;
  assert.deepEqual([reports.at(-1)?.available, reports.at(-1)?.failures], [6, []]);
});

test("a missing index is told, and a retry starts from it", async (t) => {
  const broken = new Set(["index.json"]);
  const { dataset, reports } = served(t, broken);
  await dataset.load("default");
  assert.match(reports.at(-1)?.failures[0] ?? "", /index\.json: the server answered 404/);
  assert.equal(dataset.source, null);
  broken.clear();
  await dataset.load("reload");
  assert.equal(reports.at(-1)?.available, 6);
});

test("own files take the place of the data and give it back; bad ones change nothing", async (t) => {
  const { dataset, reports, changes } = served(t, new Set());
  await dataset.load("default");
  const idx = new Uint8Array(16 + 3);
  const view = new DataView(idx.buffer);
  [0x803, 3, 1, 1].forEach((value, i) => view.setUint32(4 * i, value));
  await assert.rejects(dataset.openFiles([/** @type {File} */ (new File(["nonsense, but long enough"], "bad"))]), /bad: begins with/);
  assert.equal(dataset.source?.name, "S");
  await dataset.openFiles([/** @type {File} */ (new File([idx], "mine"))]);
  assert.deepEqual([reports.at(-1)?.name, reports.at(-1)?.available, reports.at(-1)?.own], ["mine", 3, true]);
  dataset.closeFiles();
  assert.deepEqual([reports.at(-1)?.name, reports.at(-1)?.available, reports.at(-1)?.own], ["S", 6, false]);
  assert.equal(changes(), 5);
});

/**
 * @param {number[]} sizes
 * @param {number} magic
 * @returns {File} an idx file of zeros, or labels 0, 1, 2 …
 */
function idxFile(sizes, magic) {
  const header = 4 + 4 * sizes.length;
  const bytes = new Uint8Array(header + sizes.reduce((product, size) => product * size, 1)).map((_, i) => (magic === 0x801 ? Math.max(0, i - header) : 0));
  const view = new DataView(bytes.buffer);
  [magic, ...sizes].forEach((value, i) => view.setUint32(4 * i, value));
  return /** @type {File} */ (new File([bytes], magic === 0x801 ? "labels" : "images"));
}

test("classes are chosen of the mode's own data, before and after they arrive", async (t) => {
  const { dataset, reports } = served(t, new Set());
  dataset.choose(false, [1]);
  await dataset.load("default");
  assert.deepEqual([reports.at(-1)?.chosen, reports.at(-1)?.available, reports.at(-1)?.received, reports.at(-1)?.total], [[1], 0, 6, 6]); // all labels are 0
  dataset.choose(false, null);
  assert.deepEqual([reports.at(-1)?.chosen, reports.at(-1)?.available], [null, 6]);
  assert.deepEqual(reports.at(-1)?.classes, ["zero", "one"]);
});

test("own files with labels begin with all their classes, and those without know none", async (t) => {
  const { dataset, reports } = served(t, new Set());
  dataset.choose(false, [0]);
  await dataset.load("default");
  await dataset.openFiles([idxFile([2, 1, 1], 0x803), idxFile([2], 0x801)]);
  assert.deepEqual([reports.at(-1)?.classes, reports.at(-1)?.chosen], [["zero", "one"], null], "two labels fit the mode's own names");
  dataset.choose(true, [1]);
  assert.deepEqual([reports.at(-1)?.chosen, reports.at(-1)?.available], [[1], 1]);
  await dataset.openFiles([idxFile([4, 1, 1], 0x803), idxFile([4], 0x801)]);
  assert.deepEqual(reports.at(-1)?.classes, ["0", "1", "2", "3"], "labels past the names are numbers");
  await dataset.openFiles([idxFile([4, 1, 1], 0x803)]);
  assert.deepEqual([reports.at(-1)?.classes, reports.at(-1)?.chosen], [[], null]);
  dataset.closeFiles();
  assert.deepEqual([reports.at(-1)?.chosen, reports.at(-1)?.available], [[0], 6], "the mode's own choice was kept");
});

test("a choice that was meant for own files does not fall on other data", async (t) => {
  const { dataset, reports } = served(t, new Set());
  await dataset.load("default");
  dataset.choose(true, [1]);
  assert.deepEqual([reports.at(-1)?.chosen, reports.at(-1)?.available], [null, 6]);
});

test("networks that are told classes take own files with labels that fit, and refuse others without changing anything", async (t) => {
  const { dataset, reports } = served(t, new Set());
  await dataset.load("default");
  const idx = (/** @type {number} */ magic, /** @type {number[]} */ sizes, /** @type {number[]} */ values) => (
    Uint8Array.from([magic, ...sizes].flatMap((value) => [value >> 24, value >> 16, value >> 8, value]).concat(values))
  );
  const images = new File([idx(0x803, [3, 1, 1], [0, 9, 18])], "images");
  const labels = (/** @type {number[]} */ values) => new File([idx(0x801, [3], values)], "labels");
  dataset.classesTold = 2;
  const before = dataset.source;
  for (const [files, words] of /** @type {[File[], RegExp][]} */ ([
    [[images], /images: came without labels\. These networks are told the class of each image\..*the data you had stay in use/],
    [[images, labels([0, 1, 2])], /images: has labels up to 2, but there are 2 classes, 0 to 1\./],
  ])) {
    await assert.rejects(dataset.openFiles(files), (error) => error instanceof UnlabelledError && words.test(error.message));
    assert.equal(dataset.source, before);
  }
  await dataset.openFiles([images, labels([1, 0, 1])]);
  assert.deepEqual([reports.at(-1)?.own, reports.at(-1)?.classes], [true, ["zero", "one"]]);
  assert.deepEqual([...(dataset.source?.nextBatch(3)?.labels ?? [])], [1, 0, 1]);

  dataset.classesTold = 0;
  await dataset.openFiles([images]);
  assert.equal(dataset.source?.nextBatch(3)?.labels, null, "others need none");
});
