// The training worker: owns the core, the device, the data and the run loop, and answers the page's commands (protocol.d.ts).
// One worker is one run: it is started once, and thrown away to reset.

import { loadCore, prefetch } from "./core.js";
import { Dataset, messageOf, SHOWN_SAMPLES } from "./dataset.js";
import { chooseDevice, fallBackToCpu, mayNeedWebGpuLater, probeWebGpu } from "./device.js";
import { allowedSettings, changedPreset, described, limitsFor } from "./settings.js";
import { createSession } from "./tilings.js";
import { Training } from "./training.js";

/** @typedef {import("../src/types.d.ts").GanModule} GanModule */
/** @typedef {import("../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../src/types.d.ts").BackendKind} BackendKind */
/** @typedef {import("./protocol.d.ts").Command} Command */
/** @typedef {import("./protocol.d.ts").Question} Question */
/** @typedef {import("./protocol.d.ts").Answers} Answers */
/** @typedef {import("./protocol.d.ts").Settings} Settings */
/** @typedef {import("./protocol.d.ts").WorkerEvent} WorkerEvent */

/**
 * @typedef {object} Opened
 * @property {GanModule} module
 * @property {import("../src/types.d.ts").Session} session
 * @property {GanConfig} config
 * @property {GanConfig} preset
 * @property {import("../src/types.d.ts").Limits} limits of these networks
 * @property {Settings} inUse
 * @property {string[]} notices
 */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @type {{training: Training, dataset: Dataset, module: GanModule, session: import("../src/types.d.ts").Session} | null} */
let run = null;
/** @type {Promise<import("./lab.js").Lab> | null} */
let lab = null;
/** The page wants it to train; it does as soon as there are data. */
let wanted = false;
/** Settles when the run loop has ended. */
let loop = Promise.resolve();
/** Commands are carried out one after the other. */
let queue = Promise.resolve();
let dead = false;
/**
 * Questions that need the loop to rest.
 * @type {Question["kind"][]}
 */
const MOVING = ["substep", "load", "replay"];

scope.onmessage = (/** @type {MessageEvent<Command>} */ message) => {
  const command = message.data;
  // The loop ends after the chunk it is in, even if commands before this one still wait.
  if (command.type === "pause" || command.type === "step" || (command.type === "ask" && MOVING.includes(command.question.kind))) halt();
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
      return step(command.phase);
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
    case "averaged":
      if (run) run.training.averaged = command.averaged;
      return sendFrame();
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
async function start({ settings, source, autoDevice, batchSizeFixed }) {
  post({ type: "loading", what: "Looking for a device" });
  const probe = await probeWebGpu(navigator.gpu);
  let device = chooseDevice(settings.backend, autoDevice, probe);
  const prefetches = mayNeedWebGpuLater(settings.backend, probe, device);
  /** @type {Opened} */
  let opened;
  try {
    opened = await open(device.backend);
  } catch (error) {
    if (device.backend === "cpu") throw error;
    device = fallBackToCpu(messageOf(error));
    opened = await open(device.backend);
  }
  const { module, session, config, preset, limits, inUse, notices } = opened;
  const permutation = session.permutation.bind(session);
  const dataset = new Dataset(source, config.shape, permutation, () => module.toyFaces(), {
    report: (report) => {
      post({ type: "dataset", dataset: report });
      void train(); // The first data may just have come.
    },
    sourceChanged: sendReal,
  });
  const training = new Training(session, config, () => dataset.source, source.kind === "shards" ? sendEpochs : null);
  training.averaged = settings.averaged;
  run = { module, session, dataset, training };
  post({ type: "ready", info: session.info(), config, preset, limits, device, settings: inUse, notices });
  dataset.choose(false, settings.classes);
  void dataset.load("default");
  if (dataset.source) sendReal();
  if (prefetches) void prefetch("webgpu");

  /**
   * @param {BackendKind} backend
   * @returns {Promise<Opened>}
   */
  async function open(backend) {
    post({ type: "loading", what: backend === "webgpu" ? "Loading the WebGPU trainer" : "Loading the CPU trainer" });
    const { core } = await loadCore(backend);
    const asPreset = core.preset(settings.preset);
    const changed = changedPreset(core, asPreset, settings);
    const ranges = limitsFor(core.limits(), changed.config);
    const { allowed, notices: remarks } = allowedSettings(changed.allowed, ranges, batchSizeFixed);
    const { generator, discriminator } = changed.config;
    /** @type {GanConfig} */
    const withSettings = {
      ...changed.config,
      batchSize: allowed.batchSize ?? asPreset.batchSize,
      generator: { ...generator, learningRate: allowed.learningRateG ?? generator.learningRate },
      discriminator: { ...discriminator, learningRate: allowed.learningRateD ?? discriminator.learningRate },
    };
    const opening = createSession(core, withSettings, allowed.seed, backend);
    return {
      module: core, session: await orWorkerError(opening), config: withSettings, preset: asPreset,
      limits: ranges, inUse: allowed, notices: [...changed.notices, ...remarks],
    };
  }
}

/**
 * The promise, or a rejection if the worker throws meanwhile: a wasm panic in a spawned task leaves the promise unsettled for ever.
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function orWorkerError(promise) {
  return new Promise((resolve, reject) => {
    /** @param {ErrorEvent} event */
    const onError = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    scope.addEventListener("error", onError, { once: true });
    promise.then(resolve, reject).finally(() => scope.removeEventListener("error", onError));
  });
}

/** Starts the loop if it is wanted, there are data, and it does not run yet. */
async function train() {
  if (!run || !wanted || run.training.running) return;
  if (!run.training.hasData) {
    post({ type: "waiting" });
    return;
  }
  post({ type: "training" });
  loop = run.training.run(macrotask).then(() => {
    if (wanted) post({ type: "waiting" }); // It stopped for want of data, not because it was told to.
  }, failed);
}

function halt() {
  wanted = false;
  if (run) run.training.running = false;
}

async function pause() {
  halt();
  await loop;
  post({ type: "paused", step: run?.training.latest.step ?? 0 });
}

/** @param {import("./protocol.d.ts").StepKind} kind */
async function step(kind) {
  halt();
  await loop;
  if (!run) return;
  try {
    if (!(await run.training.step(kind))) post({ type: "problem", message: "There are no data to take a step on yet." });
  } catch (error) {
    failed(error);
  }
  post({ type: "paused", step: run.training.latest.step });
}

/**
 * @param {number} id
 * @param {Question} question
 */
async function ask(id, question) {
  const moving = MOVING.includes(question.kind);
  if (moving) {
    halt();
    await loop;
  }
  try {
    post({ type: "answer", id, answer: await answer(question), error: "" });
  } catch (error) {
    post({ type: "answer", id, answer: null, error: messageOf(error) });
    if (moving) failed(error);
  }
  if (moving) post({ type: "paused", step: run?.training.latest.step ?? 0 });
}

/**
 * @param {Question} question
 * @returns {Promise<Answers[keyof Answers]>}
 */
async function answer(question) {
  if (!run) throw new Error("the run has not begun");
  const { training, session, dataset, module } = run;
  switch (question.kind) {
    case "substep":
      return training.substep(question.latent);
    case "load": {
      const { loadAll } = await import("./lab.js");
      loadAll(session, question.parameters);
      if (training.parts && question.latents) training.parts.given = question.latents;
      return null;
    }
    case "replay":
      return { milliseconds: await training.replay(question.steps), parameters: await session.parameters() };
    case "samples":
      dataset.replace(question.samples);
      return null;
    case "pace":
      training.pace = question.stepsPerSecond;
      return null;
    default: {
      const { Lab } = await import("./lab.js");
      lab ??= module.createSession(session.config(), session.info().seed, session.info().backend).then((own) => new Lab(own, session));
      return (await lab).answer(question);
    }
  }
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

/** @param {import("./protocol.d.ts").EpochRow[]} rows */
function sendEpochs(rows) {
  post({ type: "epochs", rows }, rows.flatMap(({ picture }) => (picture ? [picture.buffer] : [])));
}

/** @param {File[]} files */
async function openFiles(files) {
  try {
    await run?.dataset.openFiles(files);
  } catch (error) {
    post({ type: "problem", message: messageOf(error) });
  }
}

/**
 * What a step threw: a loss that is no number stops this run in words; everything else ends the worker.
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

const channel = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** @returns {Promise<void>} settles in a later task, so that commands are heard; unlike setTimeout it is not slowed down in hidden tabs */
function macrotask() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}

/**
 * @param {never} command
 * @returns {never}
 */
function unreachable(command) {
  throw new TypeError(`unknown command ${JSON.stringify(command)}`);
}
