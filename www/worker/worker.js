// The training worker: owns the core, the device, the data and the run loop, and answers the page's commands (protocol.d.ts).
// One worker is one run: it is started once, and thrown away to reset.

import { described, resolvedPreset } from "../config/settings.js";
import { prefetch } from "../core/core.js";
import { chooseDevice, fallBackToCpu, mayNeedWebGpuLater, meanwhileOnCpu, probeWebGpu } from "../core/device.js";
import { messageOf, unreachable } from "../errors.js";
import { answer, isMove } from "./answers.js";
import { Dataset, SHOWN_SAMPLES, UnlabelledError } from "./data/dataset.js";
import { Drawer } from "./drawing.js";
import { JudgeWatch } from "./judge.js";
import { macrotask } from "./macrotask.js";
import { openSession, openSoonest } from "./sessions.js";
import { toyTrainingOf } from "./toy-training.js";
import { Training } from "./training.js";

/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */
/** @typedef {import("../../src/types.d.ts").BackendKind} BackendKind */
/** @typedef {import("../protocol.d.ts").Command} Command */
/** @typedef {import("../protocol.d.ts").Question} Question */
/** @typedef {import("../protocol.d.ts").WorkerEvent} WorkerEvent */
/** @typedef {import("./answers.js").WorkerRun} WorkerRun */
/** @typedef {import("./sessions.js").Opened} Opened */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @type {WorkerRun | null} */
let run = null;
/** Whether the page wants it to train; it does as soon as there are data. */
let wanted = false;
/** Settles when the run loop has ended. */
let loop = Promise.resolve();
/** Whether the run is on the CPU only until its own device is there; until then it does not train. */
let isInterim = false;
/** Settles when the run is on the device it trains on. */
let settled = Promise.resolve();
/** Commands are carried out one after the other. */
let queue = Promise.resolve();
let dead = false;

scope.onmessage = (/** @type {MessageEvent<Command>} */ message) => {
  const command = message.data;
  // The loop ends after the chunk it is in, even if commands before this one still wait.
  if (command.type === "pause" || command.type === "step" || (command.type === "ask" && isMove(command.question))) halt();
  queue = queue.then(() => (dead ? undefined : obey(command))).catch(die);
};
scope.addEventListener("unhandledrejection", (event) => die(event.reason));

/**
 * @param {WorkerEvent} event
 * @param {Transferable[]} [transfer]
 */
function post(event, transfer = []) {
  scope.postMessage(event, transfer);
}

/**
 * @param {Command} command
 * @returns {Promise<void>}
 */
async function obey(command) {
  switch (command.type) {
    case "start":
      return start(command);
    case "train":
      wanted = true;
      return train();
    case "pause":
      return pause();
    case "step":
      return step(command.request);
    case "frame":
      return sendFrame();
    case "learningRates":
      run?.session.setLearningRates(command.generator, command.discriminator);
      return undefined;
    case "batchSize":
      if (run) run.training.batchSize = command.batchSize;
      return undefined;
    case "classes":
      run?.dataset.choose(command.own, command.classes);
      return undefined;
    case "picture":
      if (run) Object.assign(run.training, { averaged: command.averaged, psi: command.psi });
      return sendFrame();
    case "judge":
      run?.judge?.show(command.shown);
      return undefined;
    case "ask":
      return ask(command.id, command.question);
    case "describe":
      if (run) post({ type: "described", id: command.id, ...described(run.module, command.config) });
      return undefined;
    case "retryData":
      void run?.dataset.load("reload"); // Past the cache: what is in there may be what was wrong.
      return undefined;
    case "openFiles":
      return openFiles(command.files);
    case "closeFiles":
      run?.dataset.closeFiles();
      return undefined;
    default:
      return unreachable(command);
  }
}

/** @param {Extract<Command, {type: "start"}>} command */
async function start({ settings: asked, mode }) {
  const { source } = mode;
  post({ type: "loading", what: "Looking for a device" });
  const probe = await probeWebGpu(navigator.gpu);
  const device = chooseDevice(asked.backend, mode.autoDevice, probe);
  const hasGpu = device.backend === "webgpu" && probe.kind === "adapter" && !probe.software;
  const settings = { ...asked, preset: resolvedPreset(mode, asked.preset, hasGpu) };
  post({ type: "loading", what: `Loading the ${device.backend === "webgpu" ? "WebGPU" : "CPU"} trainer` });
  const open = (/** @type {BackendKind} */ backend) => openSession(settings, mode, backend);
  const { opened, later } = device.backend === "webgpu" ? await openSoonest(open) : { opened: await open("cpu"), later: null };
  const { module, session, config, preset, limits, inUse, notices } = opened;
  /** @type {import("./data/batch-order.js").Permutation} */
  const permutation = (n) => training.session.permutation(n);
  const dataset = new Dataset(source, config.shape, permutation, () => module.toyFaces(), {
    report: (report) => {
      judge?.follow(!report.own);
      post({ type: "dataset", dataset: report });
      void train(); // The first data may just have come.
    },
    sourceChanged: sendReal,
  });
  const training = new Training(session, config, () => dataset.source, source.kind === "shards" ? sendEpochs : null);
  Object.assign(training, { averaged: settings.averaged, psi: settings.psi });
  const judge = mode.judge && new JudgeWatch(mode.judge, module, training, (report, problem) => post({ type: "judged", report, problem }), macrotask);
  if (judge) training.between = () => judge.between();
  const drawer = new Drawer(training, async (samples) => judge && judge.opinion(samples));
  dataset.classesTold = training.classes;
  /** @type {WorkerRun} */
  const begun = { module, session, dataset, training, drawer, judge, toy: toyTrainingOf(training, config), looks: null };
  run = begun;
  isInterim = later !== null;
  post({ type: "ready", info: session.info(), config, preset, limits, device: later ? meanwhileOnCpu(device) : device, settings: inUse, notices });
  if (later) settled = later.then((arrived) => takeOver(begun, arrived, device), (error) => settle(fallBackToCpu(messageOf(error))));
  dataset.choose(false, settings.classes);
  void dataset.load("default");
  if (dataset.source) sendReal();
  if (mayNeedWebGpuLater(settings.backend, probe, device)) void prefetch("webgpu");
}

/**
 * Goes on with a run that has not trained yet, on the device it was to train on.
 * @param {WorkerRun} begun
 * @param {Opened} arrived
 * @param {import("../protocol.d.ts").DeviceReport} device
 */
function takeOver(begun, { module, session }, device) {
  const before = begun.session;
  const { generator, discriminator } = before.config();
  session.setLearningRates(generator.learningRate, discriminator.learningRate);
  begun.training.moveTo(session);
  begun.judge?.moveTo(module);
  Object.assign(begun, { module, session, looks: null });
  queue = queue.then(() => before.free()); // The command under way may still read from it.
  settle(device);
}

/** @param {import("../protocol.d.ts").DeviceReport} device the run trains on */
function settle(device) {
  isInterim = false;
  post({ type: "device", device });
  void train();
}

/** Starts the loop if it is wanted, its device and data are there, and it does not run yet. */
async function train() {
  if (!run || !wanted || run.training.running) return;
  if (isInterim || !run.training.hasData) {
    post({ type: "waiting" });
    return;
  }
  post({ type: "training" });
  run.judge?.cancel();
  loop = run.training.run(macrotask).then(() => {
    if (wanted) post({ type: "waiting" }); // It stopped because there are no data, not because it was told to.
  }, failed);
}

function halt() {
  run?.judge?.cancel();
  wanted = false;
  if (run) run.training.running = false;
}

async function pause() {
  halt();
  await loop;
  post({ type: "paused", step: run?.training.latest.step ?? 0 });
  run?.judge?.rest(true);
}

/** @param {import("../protocol.d.ts").StepRequest} request */
async function step(request) {
  halt();
  await loop;
  await settled;
  if (!run) return;
  try {
    if (!(await run.training.step(request))) post({ type: "problem", message: "There are no data to take a step on yet." });
  } catch (error) {
    failed(error);
  }
  post({ type: "paused", step: run.training.latest.step });
  run.judge?.rest(false);
}

/**
 * @param {number} id
 * @param {Question} question
 */
async function ask(id, question) {
  const moving = isMove(question);
  if (moving) {
    halt();
    await loop;
    await settled;
  }
  try {
    if (!run) throw new Error("the run has not begun");
    post({ type: "answer", id, answer: await answer(run, question), error: "" });
  } catch (error) {
    post({ type: "answer", id, answer: null, error: messageOf(error) });
    if (moving) failed(error);
  }
  if (moving) post({ type: "paused", step: run?.training.latest.step ?? 0 });
}

async function sendFrame() {
  if (!run) return;
  const frame = await run.training.frame();
  const { step: steps, lossD, lossG } = frame.history;
  post({ type: "frame", frame }, [frame.samples.buffer, steps.buffer, lossD.buffer, lossG.buffer]);
}

function sendReal() {
  const samples = run?.dataset.source?.head(SHOWN_SAMPLES);
  if (!run || !samples) return;
  post({ type: "real", samples, shape: run.session.info().shape }, [samples.buffer]);
}

/** @param {import("../protocol.d.ts").EpochRow[]} rows */
function sendEpochs(rows) {
  post({ type: "epochs", rows }, rows.flatMap(({ picture }) => (picture ? [picture.buffer] : [])));
}

/** @param {File[]} files */
async function openFiles(files) {
  try {
    await run?.dataset.openFiles(files);
  } catch (error) {
    post({ type: error instanceof UnlabelledError ? "unlabelled" : "problem", message: messageOf(error) });
  }
}

/**
 * Handles an error that a step threw: a loss that is no number stops this run in words; everything else ends the worker.
 * @param {unknown} error
 */
function failed(error) {
  wanted = false;
  if (error instanceof Error && error.name === "nonFinite") {
    fatal(`The training came apart: ${error.message}. Lower the learning rates, then press Reset.`);
  } else {
    die(error);
  }
}

/** @param {unknown} error */
function die(error) {
  if (error instanceof Error && error.name === "device") fatal(`The device failed or was lost: ${error.message}. Press Reset to start anew.`);
  fatal(`The trainer stopped: ${messageOf(error)}. Press Reset to start this run anew.`);
}

/** @param {string} message */
function fatal(message) {
  if (dead) return; // The first cause is the one to show.
  dead = true;
  post({ type: "fatal", message });
}
