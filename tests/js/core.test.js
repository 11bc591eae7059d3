import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { filesOf, foldersFor, loadCore, prefetch, RELAXED_SIMD } from "../../www/core/core.js";

/**
 * Stands in for import(): packages whose `default()` gives a memory, but for those that are missing.
 * @param {string[]} missing folders
 * @param {string[]} asked is filled with the folders that were asked for
 * @returns {(url: string) => Promise<unknown>}
 */
function packages(missing, asked) {
  return async (url) => {
    const folder = url.split("/").at(-2) ?? "";
    asked.push(folder);
    if (missing.includes(folder)) throw new TypeError(`failed to fetch ${folder}`);
    return { folder, default: async () => ({ memory: `memory of ${folder}` }) };
  };
}

test("an unknown instruction in the place of relaxed_swizzle does not validate", () => {
  // 0xfd 0x1ff is no instruction of SIMD or relaxed SIMD.
  const unknown = RELAXED_SIMD.slice();
  unknown.set([253, 255, 3], unknown.length - 4);
  assert.equal(WebAssembly.validate(unknown), false);
});

test("the module for relaxed SIMD is well formed: with SIMD's own swizzle it validates everywhere", () => {
  const plain = RELAXED_SIMD.slice();
  plain.set([253, 0x8e, 0], plain.length - 4); // i8x16.swizzle is 0xfd 0x0e, here in two bytes
  assert.equal(WebAssembly.validate(plain), true);
});

test("the CPU takes the package for relaxed SIMD only where there is relaxed SIMD", () => {
  assert.deepEqual(foldersFor("cpu", true), ["cpu-fma", "cpu"]);
  assert.deepEqual(foldersFor("cpu", false), ["cpu"]);
  for (const has of [true, false]) assert.deepEqual(foldersFor("webgpu", has), ["webgpu"]);
});

test("the files of a package lie beside the page", () => {
  const [script, wasm] = filesOf("webgpu");
  assert.match(script, /\/www\/pkg\/webgpu\/gan_playground\.js$/);
  assert.match(wasm, /\/www\/pkg\/webgpu\/gan_playground_bg\.wasm$/);
});

test("loadCore gives the module and its memory", async () => {
  /** @type {string[]} */
  const asked = [];
  const { core, memory } = await loadCore("webgpu", true, packages([], asked));
  assert.equal(/** @type {any} */ (core).folder, "webgpu");
  assert.equal(memory, "memory of webgpu");
  assert.deepEqual(asked, ["webgpu"]);
});

test("a host without the package for relaxed SIMD serves the plain one", async () => {
  /** @type {string[]} */
  const asked = [];
  const { memory } = await loadCore("cpu", true, packages(["cpu-fma"], asked));
  assert.equal(memory, "memory of cpu");
  assert.deepEqual(asked, ["cpu-fma", "cpu"]);
});

test("a browser without relaxed SIMD asks for the plain package alone", async () => {
  /** @type {string[]} */
  const asked = [];
  await loadCore("cpu", false, packages([], asked));
  assert.deepEqual(asked, ["cpu"]);
});

test("where nothing can be loaded, the error of the plain package is told", async () => {
  await assert.rejects(loadCore("cpu", true, packages(["cpu-fma", "cpu"], [])), /failed to fetch cpu$/);
  await assert.rejects(loadCore("webgpu", true, packages(["webgpu"], [])), /failed to fetch webgpu/);
});

test("prefetch reads every file of a package to its end, unless the person saves data", async () => {
  /** @type {string[]} */
  const read = [];
  const fetching = mock.method(globalThis, "fetch", async (/** @type {string} */ url) => ({ blob: async () => read.push(url) }));
  const was = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  try {
    for (const saveData of [true, false]) {
      Object.defineProperty(globalThis, "navigator", { value: { connection: { saveData } }, configurable: true });
      await prefetch("webgpu");
      assert.deepEqual(read, saveData ? [] : filesOf("webgpu"));
    }
    fetching.mock.mockImplementation(async () => Promise.reject(new TypeError("offline")));
    await prefetch("webgpu"); // and is silent about a failure
  } finally {
    fetching.mock.restore();
    if (was) Object.defineProperty(globalThis, "navigator", was);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
});
