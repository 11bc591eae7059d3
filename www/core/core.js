// Loads the core: the one place that knows the packages under pkg/ and which of them this browser can take.

import { addressOf } from "../site.js";

/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */
/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */
/** @typedef {"cpu" | "cpu-fma" | "webgpu"} Folder of a package, under pkg/ */

/** A WebAssembly module of one function whose only purpose is i8x16.relaxed_swizzle (0xfd 0x100). */
export const RELAXED_SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, // magic, version 1
  1, 5, 1, 96, 0, 1, 123, // type 0: () -> v128
  3, 2, 1, 0, // function 0 is of type 0
  10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11, // two i8x16.splat, i8x16.relaxed_swizzle, end
);

/**
 * @param {BackendKind} backend
 * @param {boolean} relaxedSimd whether the browser has WebAssembly's relaxed SIMD
 * @returns {Folder[]} the packages that serve, best first
 */
export function foldersFor(backend, relaxedSimd) {
  if (backend === "webgpu") return ["webgpu"];
  return relaxedSimd ? ["cpu-fma", "cpu"] : ["cpu"];
}

/**
 * @param {Folder} folder
 * @returns {string[]} addresses of the files of a package
 */
export function filesOf(folder) {
  return ["gan_playground.js", "gan_playground_bg.wasm"].map((file) => addressOf(`pkg/${folder}/${file}`));
}

/**
 * Loads the best package of a backend; where a host lacks the one for relaxed SIMD, the plain one.
 * @param {BackendKind} backend
 * @param {boolean} [relaxedSimd]
 * @param {(url: string) => Promise<unknown>} [importModule]
 * @returns {Promise<{core: GanModule, memory: WebAssembly.Memory}>} with its .wasm loaded
 */
export async function loadCore(backend, relaxedSimd = WebAssembly.validate(RELAXED_SIMD), importModule = (url) => import(url)) {
  const folders = foldersFor(backend, relaxedSimd);
  const last = folders.pop() ?? backend;
  for (const folder of folders) {
    try {
      return await loadFolder(folder, importModule);
    } catch {
      // The next package does the same, only slower; if that fails too, its error is shown.
    }
  }
  return loadFolder(last, importModule);
}

/**
 * Puts the files of a package into the browser's cache, unless the person saves data.
 * @param {Folder} folder
 * @returns {Promise<void>} settles when they are there or cannot be had
 */
export async function prefetch(folder) {
  const { connection } = /** @type {{connection?: {saveData?: boolean}}} */ (navigator);
  if (connection?.saveData) return;
  for (const url of filesOf(folder)) {
    try {
      await (await fetch(url, { priority: "low" })).blob(); // The browser keeps only what was read to its end.
    } catch {
      return; // Whoever needs the files fetches them again, and shows what is wrong.
    }
  }
}

/**
 * @param {Folder} folder
 * @param {(url: string) => Promise<unknown>} importModule
 * @returns {ReturnType<typeof loadCore>}
 */
async function loadFolder(folder, importModule) {
  const core = /** @type {GanModule} */ (await importModule(filesOf(folder)[0]));
  const { memory } = /** @type {{memory: WebAssembly.Memory}} */ (await core.default());
  return { core, memory };
}
