import assert from "node:assert/strict";
import { test } from "node:test";
import { MODES } from "../../www/page/modes.js";
import { defaultSettings } from "../../www/page/permalink.js";
import { statusText } from "../../www/page/status.js";

const mode = /** @type {import("../../www/protocol.d.ts").Mode} */ (MODES.find(({ id }) => id === "fashion"));
const RUN = /** @type {any} */ ({
  phase: "paused", mode, settings: { ...defaultSettings(mode), preset: "fashion-dense" }, wanted: false, loadingWhat: "Loading", frame: { step: 3 },
  device: { label: "CPU", reason: "Because." },
  dataset: { name: "Fashion-MNIST", total: 60000, available: 60000, loading: false },
});

test("every phase has its words", () => {
  assert.equal(statusText(RUN, ""), "Paused at step 3.");
  assert.equal(statusText(RUN, "The link is copied."), "The link is copied.");
  assert.equal(statusText({ ...RUN, frame: null }, ""), "Ready: press Train. Because.");
  assert.equal(statusText({ ...RUN, phase: "loading", wanted: true }, ""), "Loading… Training begins by itself.");
  assert.equal(statusText({ ...RUN, phase: "training" }, ""), "Training fashion-dense on Fashion-MNIST, on CPU.");
  assert.match(statusText({ ...RUN, phase: "training", settings: { ...RUN.settings, changes: { emaDecay: null } } }, ""), /^Training a changed fashion-dense/);
  assert.match(statusText({ ...RUN, phase: "dead" }, ""), /press Reset/);
});

test("until the first step on a GPU is done it says that kernels are compiled", () => {
  const first = { ...RUN, frame: { step: 0 }, device: { label: "WebGPU", reason: "", backend: "webgpu" } };
  for (const phase of ["training", "pausing", "settling"]) {
    assert.match(statusText({ ...first, phase }, ""), /^Compiling the kernels/);
    assert.doesNotMatch(statusText({ ...first, phase, frame: { step: 1 } }, ""), /Compiling/);
  }
  assert.match(statusText({ ...first, phase: "training", device: RUN.device }, ""), /^Training/);
  assert.match(statusText({ ...first, phase: "paused" }, ""), /^Ready/);
});

test("what was asked for while a trainer loads is said to follow", () => {
  const interim = { ...RUN, frame: { step: 0 }, device: { label: "CPU", reason: "Meanwhile.", awaits: "WebGPU (a card)" } };
  assert.equal(statusText({ ...interim, phase: "waiting" }, ""), "The trainer for WebGPU (a card) is loading. Training begins by itself.");
  for (const phase of ["pausing", "settling"]) {
    assert.equal(statusText({ ...interim, phase }, ""), "The trainer for WebGPU (a card) is loading. The step follows by itself.");
  }
  assert.equal(statusText(interim, ""), "Ready: press Train. Meanwhile.");
});

test("waiting says whether images are on their way or none are of the chosen classes", () => {
  const waiting = { ...RUN, phase: "waiting" };
  assert.match(statusText({ ...waiting, dataset: null }, ""), /first images of Fashion-MNIST/);
  assert.match(statusText({ ...waiting, dataset: { ...RUN.dataset, available: 0, loading: true } }, ""), /first images/);
  assert.match(statusText({ ...waiting, dataset: { ...RUN.dataset, available: 0 } }, ""), /no image of the chosen classes/);
});
