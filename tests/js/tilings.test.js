import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession, keyOf } from "../../www/core/tilings.js";

/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */

const MEASURED = "small=registers8 large=shared";
const config = /** @type {import("../../src/types.d.ts").GanConfig} */ ({});
const gpu = /** @type {GPU} */ (/** @type {unknown} */ ({ requestAdapter: async () => ({ info: { description: "A card" } }) }));

/** @returns {CacheStorage & {kept: Map<string, string>}} */
function storage() {
  const kept = new Map();
  const cache = {
    match: async (/** @type {string} */ key) => (kept.has(key) ? new Response(kept.get(key)) : undefined),
    put: async (/** @type {string} */ key, /** @type {Response} */ response) => void kept.set(key, await response.text()),
  };
  return /** @type {CacheStorage & {kept: Map<string, string>}} */ (/** @type {unknown} */ ({ kept, open: async () => cache }));
}

/**
 * A core that measures `measured` unless it was told; `told` is filled with what it is told.
 * @param {string | undefined} measured
 * @param {string[]} told
 * @returns {GanModule}
 */
function core(measured, told) {
  /** @type {string | undefined} */
  let inUse;
  return /** @type {GanModule} */ (/** @type {unknown} */ ({
    useTilings(/** @type {string} */ text) {
      if (!text.startsWith("small=")) throw new Error("no tilings");
      told.push(text);
      inUse = text;
    },
    tilings: () => inUse,
    createSession: async () => {
      inUse ??= measured;
      return "session";
    },
  }));
}

test("what was measured on an adapter is told to the core the next time", async () => {
  const [kept, told] = [storage(), /** @type {string[]} */ ([])];
  assert.equal(await createSession(core(MEASURED, told), config, 1, "webgpu", kept, gpu), "session");
  assert.deepEqual(told, []);
  assert.deepEqual([...kept.kept], [[keyOf("A card"), MEASURED]]);
  await createSession(core("small=shared large=shared", told), config, 1, "webgpu", kept, gpu);
  assert.deepEqual(told, [MEASURED]);
  assert.deepEqual([...kept.kept.values()], [MEASURED]);
});

test("what this version cannot read is measured and kept anew", async () => {
  const [kept, told] = [storage(), /** @type {string[]} */ ([])];
  kept.kept.set(keyOf("A card"), "of another version");
  await createSession(core(MEASURED, told), config, 1, "webgpu", kept, gpu);
  assert.deepEqual(told, []);
  assert.deepEqual([...kept.kept.values()], [MEASURED]);
});

test("nothing is kept on the CPU, nor of a software adapter, which is not measured", async () => {
  const kept = storage();
  await createSession(core(MEASURED, []), config, 1, "cpu", kept, gpu);
  await createSession(core(undefined, []), config, 1, "webgpu", kept, gpu);
  assert.equal(kept.kept.size, 0);
});

test("a browser that keeps nothing, or has no cache, trains all the same", async () => {
  const broken = /** @type {CacheStorage} */ (/** @type {unknown} */ ({ open: () => Promise.reject(new DOMException("denied")) }));
  assert.equal(await createSession(core(MEASURED, []), config, 1, "webgpu", broken, gpu), "session");
  assert.equal(await createSession(core(MEASURED, []), config, 1, "webgpu", undefined, gpu), "session");
});
