import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseDevice, describeAdapter, fallBackToCpu, mayNeedWebGpuLater, meanwhileOnCpu, probeWebGpu } from "../../www/core/device.js";

/** @typedef {import("../../www/protocol.d.ts").Probe} Probe */
/** @type {Probe} */
const HARDWARE = { kind: "adapter", software: false, name: "nvidia ada" };
/** @type {Probe} */
const SOFTWARE = { kind: "adapter", software: true, name: "SwiftShader" };
/** @type {Probe} */
const NO_API = { kind: "noApi" };
/** @type {Probe} */
const NO_ADAPTER = { kind: "noAdapter" };

test("auto takes a hardware adapter", () => {
  const { backend, label, reason } = chooseDevice("auto", "hardware", HARDWARE);
  assert.deepEqual([backend, label], ["webgpu", "WebGPU (nvidia ada)"]);
  assert.match(reason, /hardware/);
});

test("auto takes the CPU without WebGPU, and says so", () => {
  const reasons = /** @type {[Probe, RegExp][]} */ ([
    [NO_API, /This browser has no WebGPU/], [NO_ADAPTER, /No WebGPU adapter answered/], [SOFTWARE, /software one \(SwiftShader\)/],
  ]);
  for (const [probe, why] of reasons) {
    const { backend, label, reason } = chooseDevice("auto", "hardware", probe);
    assert.deepEqual([backend, label], ["cpu", "CPU (WASM SIMD)"]);
    assert.match(reason, why);
    assert.match(reason, /trains on the CPU \(Burn flex, WASM SIMD\)/);
  }
});

test("auto leaves the toy on the CPU whatever there is", () => {
  for (const probe of [HARDWARE, SOFTWARE, NO_API, NO_ADAPTER]) assert.equal(chooseDevice("auto", "cpu", probe).backend, "cpu");
});

test("webgpu takes any adapter, and warns of a software one", () => {
  assert.equal(chooseDevice("webgpu", "cpu", HARDWARE).backend, "webgpu");
  const { backend, reason } = chooseDevice("webgpu", "hardware", SOFTWARE);
  assert.equal(backend, "webgpu");
  assert.match(reason, /slow/);
});

test("webgpu without an adapter falls back to the CPU, and says so", () => {
  for (const probe of [NO_API, NO_ADAPTER]) {
    const { backend, reason } = chooseDevice("webgpu", "hardware", probe);
    assert.equal(backend, "cpu");
    assert.match(reason, /You asked for WebGPU, but/);
  }
});

test("cpu is the CPU", () => {
  for (const probe of [HARDWARE, NO_API]) assert.equal(chooseDevice("cpu", "hardware", probe).backend, "cpu");
});

test("while the trainer of a GPU loads, the CPU says for whom it stands in", () => {
  const device = meanwhileOnCpu({ backend: "webgpu", label: "WebGPU (a card)", reason: "" });
  assert.equal(device.backend, "cpu");
  assert.equal(device.awaits, "WebGPU (a card)");
  assert.match(device.reason, /^The trainer for WebGPU \(a card\) is loading/);
});

test("a WebGPU that fails to start names its reason", () => {
  assert.match(fallBackToCpu("device: out of memory").reason, /WebGPU did not start \(device: out of memory\), so it trains on the CPU/);
});

test("software adapters are known by flag or by name", () => {
  for (const info of [
    { vendor: "google", architecture: "swiftshader" },
    { description: "llvmpipe (LLVM 15.0.6, 256 bits)" },
    { description: "Microsoft Basic Render Driver" },
    { vendor: "mesa", device: "lavapipe" },
    { vendor: "mesa", description: "softpipe" },
    { vendor: "microsoft", architecture: "warp" },
    { vendor: "mesa", architecture: "software" },
    { vendor: "acme", isFallbackAdapter: true },
  ]) assert.equal(describeAdapter(info).software, true, JSON.stringify(info));
  for (const info of [{ vendor: "apple", architecture: "metal-3" }, { vendor: "intel", architecture: "gen-12lp", isFallbackAdapter: false }, {}]) {
    assert.equal(describeAdapter(info).software, false, JSON.stringify(info));
  }
});

test("an adapter is named as well as it lets itself be", () => {
  assert.equal(describeAdapter({ vendor: "nvidia", architecture: "ada", description: "NVIDIA RTX 4090" }).name, "NVIDIA RTX 4090");
  assert.equal(describeAdapter({ vendor: "apple", architecture: "metal-3", device: "", description: "" }).name, "apple metal-3");
  assert.equal(describeAdapter({}).name, "unnamed adapter");
});

test("the probe tells a missing API from a missing adapter, and takes a throwing one for missing", async () => {
  /**
   * @param {() => Promise<unknown>} requestAdapter
   * @returns {Promise<Probe>}
   */
  const probe = (requestAdapter) => probeWebGpu(/** @type {GPU} */ (/** @type {unknown} */ ({ requestAdapter })));
  assert.deepEqual(await probeWebGpu(undefined), NO_API);
  assert.deepEqual(await probe(async () => null), NO_ADAPTER);
  assert.deepEqual(await probe(async () => {
    throw new DOMException("blocked");
  }), NO_ADAPTER);
  assert.deepEqual(await probe(async () => ({ info: { vendor: "nvidia", architecture: "ada" } })), HARDWARE);
  assert.deepEqual(await probe(async () => ({ info: { vendor: "acme" }, isFallbackAdapter: true })), { kind: "adapter", software: true, name: "acme" });
});

test("WebGPU's files are fetched ahead only on auto, on the CPU, beside a hardware adapter", () => {
  /**
   * @param {import("../../www/protocol.d.ts").BackendChoice} choice
   * @param {"hardware" | "cpu"} autoDevice
   * @param {Probe} probe
   * @returns {boolean}
   */
  const ahead = (choice, autoDevice, probe) => mayNeedWebGpuLater(choice, probe, chooseDevice(choice, autoDevice, probe));
  assert.equal(ahead("auto", "cpu", HARDWARE), true);
  assert.equal(ahead("auto", "hardware", HARDWARE), false); // they are loaded anyway
  assert.equal(ahead("cpu", "cpu", HARDWARE), false);
  for (const probe of [SOFTWARE, NO_API, NO_ADAPTER]) assert.equal(ahead("auto", "cpu", probe), false);
});
