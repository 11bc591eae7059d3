// What a run knows of itself: the preset that the device chose, the judge, refused files.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTO_PRESET } from "../../www/config/settings.js";
import { MODES } from "../../www/page/modes.js";
import { defaultSettings } from "../../www/page/permalink.js";
import { RunState } from "../../www/page/run-state.js";

const mode = /** @type {import("../../www/protocol.d.ts").Mode} */ (MODES.find(({ id }) => id === "mnist"));

/**
 * @param {string} preset that the worker chose
 * @returns {any} an event that only has what is looked at
 */
const ready = (preset) => ({ type: "ready", settings: { ...defaultSettings(mode), preset }, notices: [], device: {} });

test("a run that names no preset takes the device's, and keeps what was set meanwhile", () => {
  const state = new RunState(mode, defaultSettings(mode));
  assert.equal(state.settings.preset, AUTO_PRESET);
  state.settings = { ...state.settings, classes: [3] };
  state.take(ready("mnist-digits-large"));
  assert.deepEqual([state.settings.preset, state.settings.classes, state.hasOwnPreset], ["mnist-digits-large", [3], true]);
  state.begin({ ...state.settings, preset: "mnist-fast" });
  assert.equal(state.hasOwnPreset, false);
});

test("what the judge said and what was refused end with the run, or with better files", () => {
  const state = new RunState(mode, defaultSettings(mode));
  state.take(ready("mnist-digits"));
  state.take({ type: "judged", report: null, problem: "no" });
  state.take({ type: "unlabelled", message: "came without labels" });
  assert.deepEqual([state.judged?.problem, state.unlabelled], ["no", "came without labels"]);
  state.take({ type: "dataset", dataset: /** @type {any} */ ({ name: "mine", own: true }) });
  assert.equal(state.unlabelled, null);
  state.begin(state.settings);
  assert.equal(state.judged, null);
});
