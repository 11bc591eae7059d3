import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Comparison } from "../../www/page/comparison.js";

/** @typedef {import("../../www/protocol.d.ts").SpeedRequest} SpeedRequest */

/** Stands in for the browser's Worker: keeps what it was asked and answers when told to. */
class FakeWorker {
  /** @type {FakeWorker[]} */
  static all = [];
  /** @type {((message: {data: unknown}) => void) | null} */
  onmessage = null;
  /** @type {((event: {message: string, preventDefault: () => void}) => void) | null} */
  onerror = null;
  /** @type {SpeedRequest | null} */
  request = null;
  terminated = false;

  constructor() {
    FakeWorker.all.push(this);
  }

  /** @param {SpeedRequest} request */
  postMessage(request) {
    this.request = request;
  }

  /** @param {number} stepMs */
  answers(stepMs) {
    const backend = this.request?.backend;
    this.onmessage?.({ data: { backend, name: backend === "cpu" ? "CPU" : "WebGPU (ada)", stepMs } });
  }

  terminate() {
    this.terminated = true;
  }
}

const PLAYER = { layers: [], optimizer: { type: "sgd", momentum: 0 }, learningRate: 0.01, gradientClipNorm: null };
/** @type {string[]} */
let said = [];

beforeEach(() => {
  FakeWorker.all = [];
  said = [];
  Reflect.set(globalThis, "Worker", FakeWorker);
});
afterEach(() => Reflect.deleteProperty(globalThis, "Worker"));

/** @returns {any} a run that trains */
function trainingRun() {
  return {
    phase: "training", wanted: true, settings: { batchSize: 32 },
    ready: { config: { batchSize: 64, generator: PLAYER, discriminator: PLAYER }, limits: { learningRate: [1e-7, 1] } },
    pause() {
      this.wanted = false;
      this.phase = "pausing";
    },
  };
}

/** @returns {Comparison} that notes what it says */
const comparisonThatSpeaks = () => new Comparison(({ text }) => said.push(text));

/** @returns {Promise<void>} after promises have settled */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("it pauses the run, then measures one device after the other with the batch size in use", async () => {
  const run = trainingRun();
  const comparison = comparisonThatSpeaks();
  comparison.start(run);
  assert.equal(run.phase, "pausing");
  comparison.follow(run);
  assert.equal(FakeWorker.all.length, 0); // not before the run stands still
  run.phase = "paused";
  comparison.follow(run);
  comparison.follow(run);
  const [cpu] = FakeWorker.all;
  assert.equal(FakeWorker.all.length, 1);
  assert.equal(cpu.request?.backend, "cpu");
  assert.equal(cpu.request?.config.batchSize, 32);
  assert.equal(cpu.request?.config.generator.learningRate, 1e-7);
  cpu.answers(42);
  await settle();
  assert.ok(cpu.terminated);
  FakeWorker.all[1].answers(410);
  await settle();
  assert.ok(FakeWorker.all[1].terminated);
  assert.equal(comparison.text, "CPU 42 ms a step, WebGPU (ada) 410 ms: the CPU is 9.8 times as fast here.");
  assert.deepEqual([comparison.phase, comparison.faster], ["idle", "cpu"]);
  assert.deepEqual(said.slice(0, 3), ["Pausing before the devices are measured…", "Measuring the CPU, a few seconds…", "Measuring WebGPU, a few seconds…"]);
});

test("a result is forgotten when the run starts anew or gets another batch size", async () => {
  for (const change of /** @type {((run: any) => void)[]} */ ([(run) => (run.ready = null), (run) => (run.settings = { batchSize: 8 })])) {
    FakeWorker.all = [];
    const run = { ...trainingRun(), phase: "paused", wanted: false };
    const comparison = comparisonThatSpeaks();
    comparison.start(run);
    comparison.follow(run);
    FakeWorker.all[0].answers(1);
    await settle();
    FakeWorker.all[1].answers(2);
    await settle();
    run.phase = "training"; // Training on does not make it wrong.
    comparison.follow(run);
    assert.equal(comparison.faster, "cpu");
    change(run);
    comparison.follow(run);
    assert.deepEqual([comparison.text, comparison.faster], ["", null]);
  }
});

test("training, another run and the button end the measurement at once", async () => {
  for (const end of /** @type {((comparison: Comparison, run: any) => void)[]} */ ([
    (comparison, run) => comparison.follow(Object.assign(run, { wanted: true, phase: "training" })),
    (comparison) => comparison.follow(trainingRun()),
    (comparison) => comparison.stop(),
  ])) {
    FakeWorker.all = [];
    const run = { ...trainingRun(), phase: "paused", wanted: false };
    const comparison = comparisonThatSpeaks();
    comparison.start(run);
    comparison.follow(run);
    end(comparison, run);
    await settle();
    assert.ok(FakeWorker.all[0].terminated);
    assert.equal(FakeWorker.all.length, 1);
    assert.deepEqual([comparison.phase, comparison.faster], ["idle", null]);
  }
});

test("a worker that fails, and one that is silent for a minute, are told", async () => {
  /** @type {{act: () => void, ms: number}[]} */
  const timers = [];
  const later = (/** @type {() => void} */ act, /** @type {number} */ ms) => timers.push({ act, ms });
  const setTimer = mock.method(globalThis, "setTimeout", /** @type {any} */ (later));
  try {
    const run = { ...trainingRun(), phase: "paused", wanted: false };
    const comparison = comparisonThatSpeaks();
    comparison.start(run);
    comparison.follow(run);
    FakeWorker.all[0].onerror?.({ message: "unreachable", preventDefault: () => {} });
    await settle();
    assert.equal(timers[1].ms, 60_000);
    timers[1].act();
    await settle();
    assert.equal(comparison.text, "CPU could not be measured: unreachable. WebGPU could not be measured: it was not done within 60 seconds.");
    assert.ok(FakeWorker.all.every(({ terminated }) => terminated));
  } finally {
    setTimer.mock.restore();
  }
});

test("a run that is not ready is not measured", () => {
  const comparison = comparisonThatSpeaks();
  comparison.start({ ...trainingRun(), ready: null });
  assert.equal(comparison.phase, "idle");
});
