// Remembers the tilings of matrix products that are the fastest on a GPU. The core measures them when it opens the device; the browser
// keeps the answer for each adapter, so that the fraction of a second that this takes is spent only once.

import { probeWebGpu } from "./device.js";

/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */

/** Name of the cache; its number changes when the core measures other things. */
export const CACHE = "gan-playground-tilings-2";

/**
 * Calls `core.createSession` with what was measured before on this adapter, or remembers for the next time what is measured now.
 * @param {GanModule} core
 * @param {import("../../src/types.d.ts").GanConfig} config
 * @param {number} seed
 * @param {import("../../src/types.d.ts").BackendKind} backend
 * @param {CacheStorage | undefined} [storage]
 * @param {GPU | undefined} [gpu]
 * @returns {Promise<import("../../src/types.d.ts").Session>}
 */
export async function createSession(core, config, seed, backend, storage = globalThis.caches, gpu = navigator.gpu) {
  if (backend !== "webgpu") return core.createSession(config, seed, backend);
  const probe = await probeWebGpu(gpu);
  const key = probe.kind === "adapter" ? keyOf(probe.name) : null;
  const before = key && (await recall(key, storage));
  if (before) {
    try {
      core.useTilings(before);
    } catch {
      // Another version of the core wrote it: the core measures anew.
    }
  }
  const session = await core.createSession(config, seed, backend);
  const now = core.tilings();
  if (key && now && now !== before) await remember(key, now, storage);
  return session;
}

/**
 * @param {string} adapter
 * @returns {string} address under which its tilings are kept; nothing is ever fetched from there
 */
export function keyOf(adapter) {
  return `/tilings/${encodeURIComponent(adapter)}`;
}

/**
 * @param {string} key
 * @param {CacheStorage | undefined} storage
 * @returns {Promise<string | null>}
 */
async function recall(key, storage) {
  try {
    const response = await (await storage?.open(CACHE))?.match(key);
    return (await response?.text()) ?? null;
  } catch {
    return null; // A browser that keeps nothing measures each time.
  }
}

/**
 * @param {string} key
 * @param {string} tilings
 * @param {CacheStorage | undefined} storage
 */
async function remember(key, tilings, storage) {
  try {
    await (await storage?.open(CACHE))?.put(key, new Response(tilings));
  } catch {
    // A browser that keeps nothing measures each time.
  }
}
