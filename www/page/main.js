// The page: one run for each mode that was opened, one of them on the screen. Events of a run only mark the screen as stale; it is drawn
// once for each animation frame, and every view changes only what is different.

import { Comparison } from "./comparison.js";
import { element, setText } from "../dom.js";
import { Controls } from "./controls.js";
import { acceptDrops } from "./drops.js";
import { equilibria, equilibriaText, lossWords } from "../config/losses.js";
import { DEFAULT_MODE, MODES } from "./modes.js";
import { defaultSettings, formatHash, parseHash, sameSettings } from "./permalink.js";
import { Run } from "./run.js";
import { statusText } from "./status.js";
import { AlertsView } from "./views/alerts.js";
import { LossChart } from "./views/chart.js";
import { ClassesView } from "./views/classes.js";
import { EditorView } from "./views/editor.js";
import { epochsHint, EpochsView } from "./views/epochs.js";
import { showFigures, showFiguresOf } from "./views/figures.js";
import { GridView } from "./views/grid.js";
import { showNetworks } from "./views/networks.js";
import { ParametersView } from "./views/parameters.js";
import { SpeedView } from "./views/speed.js";
import { TabsView } from "./views/tabs.js";

/** @typedef {import("../protocol.d.ts").Mode} Mode */
/** @typedef {import("../protocol.d.ts").Settings} Settings */

/** Longer than this, "pausing" is worth a word, ms. */
const SLOW_PAUSE_MS = 500;
/** Chapter of the explainer that a link with `train=1` opens. */
const TRAINING_CHAPTER = 5;

/**
 * Of nothing: a run that is not ready has no pictures.
 * @type {import("../../src/types.d.ts").SampleShape}
 */
const NO_SHAPE = { width: 0, height: 0, range: [0, 1] };

/** @type {Map<Mode, Run>} */
const runs = new Map();
/** @type {Run} */
let current;
/**
 * Problems of the page itself, e.g. of the link.
 * @type {string[]}
 */
let problems = [];
/** Said instead of the usual status until the run moves on. */
let remark = "";
let stale = false;
/** @type {import("../explainer/explainer.js").Explainer | null} loaded when a mode first needs it */
let explainer = null;
let explainerAsked = false;
/** Chapter of the explainer on the screen, from 1 on; null: the first, and not worth a word in the address. */
let chapter = /** @type {number | null} */ (null);

const panel = element("panel", HTMLElement);
const status = element("status", HTMLElement);
const alerts = new AlertsView(element("alerts", HTMLElement));
const samplesView = new GridView(canvas("samples"));
const realView = new GridView(canvas("real"));
const parametersView = new ParametersView(element("parameters", HTMLElement));
/** @type {LossChart | null} */
let chart = null;
const epochsView = new EpochsView(element("epochs", HTMLOListElement));
/** What each view shows now; a view is drawn again when it is handed something else. */
const shown = {
  run: /** @type {unknown} */ (null), frame: /** @type {unknown} */ (null), real: /** @type {unknown} */ (null),
  ready: /** @type {unknown} */ (null), epochs: /** @type {unknown} */ (null),
};

const tabs = new TabsView(/** @type {HTMLElement} */ (document.querySelector("[role=tablist]")), panel, MODES, (mode) => {
  if (mode === current.mode) return;
  open(mode, runs.get(mode)?.settings ?? defaultSettings(mode), false);
  rememberInAddress();
});

const controls = new Controls({
  toggleTraining() {
    remark = "";
    if (current.wanted || current.stopping) current.pause();
    else current.train();
  },
  step(phase) {
    remark = "";
    current.step(phase);
  },
  reset: () => reset(),
  copyLink: () => void copyLink(),
  choosePreset(preset) {
    // Rates, batch size and changes belong to a preset: another one brings its own.
    restart({ ...current.settings, preset, batchSize: null, learningRateG: null, learningRateD: null, changes: null }, `Starting anew with ${preset}`);
  },
  chooseBackend,
  changeNumber(name, value) {
    if (name === "seed") {
      current.nextSeed = value;
      markStale();
    } else {
      current.change({ [name]: value });
      rememberInAddress();
    }
  },
  showAveraged(averaged) {
    current.showAveraged(averaged);
    rememberInAddress();
  },
  openFiles: (files) => current.openFiles(files),
  closeFiles: () => current.closeFiles(),
});

const classesView = new ClassesView((classes) => {
  current.choose(classes);
  rememberInAddress();
});

/** What the comparison last said in the status line. */
let measured = "";
const comparison = new Comparison(({ text }) => {
  if (text || remark === measured) remark = text;
  measured = text;
  markStale();
});
const speedView = new SpeedView(
  () => (comparison.phase === "idle" ? comparison.start(current) : comparison.stop()),
  () => comparison.faster && chooseBackend(comparison.faster),
);

const editorView = new EditorView((changes) => {
  const what = changes ? `a changed ${current.settings.preset}` : current.settings.preset;
  restart({ ...current.settings, changes }, `Starting anew with ${what}`);
});

addEventListener("hashchange", followAddress);
document.addEventListener("visibilitychange", markStale);
acceptDrops((files) => {
  if (current.mode.ownFiles) current.openFiles(files);
  else {
    problems = [`${current.mode.label} has its own data; open your files in a mode for pictures, like ${MODES.find((mode) => mode.ownFiles)?.label}.`];
    markStale();
  }
});
setText(element("epochs-hint", HTMLElement), epochsHint());
void loadChart();
followAddress();

/** Shows what the address asks for; a run that is already as asked goes on. */
function followAddress() {
  const link = parseHash(location.hash, MODES, DEFAULT_MODE);
  problems = link.problems;
  chapter = link.chapter ?? (link.train ? TRAINING_CHAPTER : null);
  explainer?.open(chapter ?? 1);
  open(link.mode, link.settings, link.train);
}

/**
 * @param {Mode} mode
 * @param {Settings} settings
 * @param {boolean} train
 */
function open(mode, settings, train) {
  let run = runs.get(mode);
  if (current && current !== run) {
    if (current.wanted) current.pause();
    current.show(false);
  }
  remark = "";
  if (!run) {
    run = new Run(mode, settings, (changed) => changed === current && markStale());
    runs.set(mode, run);
    current = run;
    run.start(settings, train);
  } else {
    current = run;
    if (!sameSettings(run.settings, settings)) run.start(settings, train);
    else if (train && !run.wanted) run.train();
  }
  run.show(true);
  markStale();
}

/** @param {import("../protocol.d.ts").BackendChoice} backend */
function chooseBackend(backend) {
  restart({ ...current.settings, backend }, `Starting anew from seed ${current.settings.seed} on the chosen device`);
}

/** The same run from its beginning, with the settings shown. */
function reset() {
  restart({ ...current.settings, seed: current.nextSeed }, "Starting anew", false);
}

/**
 * @param {Settings} settings
 * @param {string} why
 * @param {boolean} [train]
 */
function restart(settings, why, train = current.wanted) {
  current.start(settings, train);
  remark = `${why}…`;
  rememberInAddress();
  markStale();
}

/** Keeps the address a link to what is on the screen; "train" is for those who follow a link, not for a reload. */
function rememberInAddress() {
  history.replaceState(null, "", formatHash(current.mode, current.settings, current.mode.family === "toy" ? chapter : null));
}

async function copyLink() {
  const link = new URL(formatHash(current.mode, current.settings), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    remark = "The link is copied: it starts this run with the settings as they are now.";
  } catch {
    history.replaceState(null, "", link);
    remark = "This browser does not let the page copy; the link is in the address bar now.";
  }
  markStale();
}

/** Loads the explainer for the modes that have one. */
async function loadExplainer() {
  explainerAsked = true;
  try {
    const { Explainer } = await import("../explainer/explainer.js");
    const actions = {
      startAnew: (/** @type {Settings} */ settings, /** @type {string} */ why) => restart(settings, why, false),
      choosePreset: (/** @type {string} */ preset) => restart({ ...current.settings, preset, learningRateG: null, learningRateD: null }, `Starting anew with ${preset}`),
      say(/** @type {string} */ text) {
        remark = text;
        markStale();
      },
      step(/** @type {import("../protocol.d.ts").StepKind} */ kind) {
        remark = "";
        current.step(kind);
      },
    };
    explainer = new Explainer(element("explainer", HTMLElement), actions, (chosen) => {
      chapter = chosen;
      rememberInAddress();
    }, (asked) => formatHash(current.mode, current.settings, asked));
    explainer.open(chapter ?? 1);
  } catch {
    explainerAsked = false;
    problems.push("The explainer could not be loaded; training works all the same. Open this mode again to retry.");
  }
  markStale();
}

async function loadChart() {
  try {
    const { default: uPlot } = await import("uplot");
    chart = new LossChart(element("chart", HTMLElement), element("chart-legend", HTMLElement), uPlot);
    shown.run = null;
  } catch {
    problems.push("The chart library could not be loaded, so there are no loss curves; everything else works. Reload to try again.");
  }
  markStale();
}

function markStale() {
  if (stale) return;
  stale = true;
  requestAnimationFrame(() => {
    stale = false;
    draw();
  });
}

function draw() {
  const run = current;
  if (shown.run !== run) showMode(run.mode);
  controls.show(run);
  showFigures(panel, run);
  showDeviceAndData(run);
  alerts.show(alertsOf(run));

  classesView.show(run);
  editorView.show(run);
  if (run.ready && run.ready !== shown.ready) showConfig(run.ready);
  if (run.real && run.real !== shown.real) {
    const { samples, shape } = run.real;
    realView.show(samples, shape, Math.min(8, Math.max(1, samples.length / (shape.width * shape.height))), run.mode.palette);
  }
  if (run.epochs !== shown.epochs) epochsView.show(run.epochs, run.ready?.info.shape ?? NO_SHAPE, run.mode.palette);
  if (run.frame !== shown.frame || run.ready !== shown.ready || shown.run !== run) {
    chart?.show(run.frame?.history ?? null, run.ready ? equilibria(run.ready.config) : []);
    if (run.frame && run.ready) {
      const { shape } = run.ready.info;
      samplesView.show(run.frame.samples, shape, 8, run.mode.palette);
      if (run.frame.parameters) parametersView.show(run.frame.parameters, shape);
    }
  }
  const fresh = run.frame !== shown.frame;
  Object.assign(shown, { run, frame: run.frame, real: run.real, ready: run.ready, epochs: run.epochs });
  if (fresh && run.frame) run.shown();
  showStatus(run);
  controls.show(run); // Once more: a pause becomes one when its last figures are shown.
  comparison.follow(run);
  speedView.show(comparison, run);
  if (run.mode.family !== "toy") return;
  if (explainer) explainer.show(run);
  else if (!explainerAsked) void loadExplainer();
}

/** @param {Mode} mode */
function showMode(mode) {
  tabs.show(mode);
  setText(element("mode-summary", HTMLElement), mode.summary);
  panel.dataset.family = mode.family;
  for (const part of document.querySelectorAll("[data-only]")) {
    const html = /** @type {HTMLElement} */ (part);
    html.hidden = html.dataset.only !== mode.family;
  }
  for (const part of document.querySelectorAll("[data-word]")) {
    const html = /** @type {HTMLElement} */ (part);
    setText(html, mode.words[/** @type {keyof Mode["words"]} */ (html.dataset.word)]);
  }
  samplesView.clear();
  realView.clear();
  parametersView.clear();
  Object.assign(shown, { frame: null, real: null, ready: null, epochs: null });
}

/** @param {NonNullable<Run["ready"]>} ready what it trains has changed */
function showConfig({ config, info }) {
  showNetworks(element("networks", HTMLElement), info);
  showFiguresOf(panel, config.loss);
  setText(element("loss-words", HTMLElement), lossWords(config.loss));
  const lines = equilibriaText(equilibria(config));
  setText(element("chart-hint", HTMLElement), `Dotted: where a player who cannot tell real from generated would stand, ${lines}. Thin curves are the losses as measured, thick ones are smoothed.`);
}

/** @param {Run} run */
function showDeviceAndData({ dataset, mode, device }) {
  setText(element("device-reason", HTMLElement), device?.reason ?? "The device is being chosen.");
  const loading = element("loading", HTMLElement);
  loading.hidden = !dataset?.loading;
  if (!dataset?.loading) return;
  setText(element("loading-label", HTMLElement), `Loading ${mode.source.name}`);
  element("loading-bar", HTMLProgressElement).value = dataset.total > 0 ? dataset.received / dataset.total : 0;
}

/**
 * @param {Run} run
 * @returns {import("./views/alerts.js").Alert[]}
 */
function alertsOf(run) {
  /** @type {import("./views/alerts.js").Alert[]} */
  const list = [];
  if (run.fatal) list.push({ text: run.fatal, actions: [{ label: "Reset this run", act: reset }] });
  const { dataset } = run;
  if (dataset && dataset.failures.length > 0) {
    const rest = dataset.available > 0 ? `Training works with the ${dataset.available.toLocaleString("en")} images that are here.` : "There is nothing to train on yet.";
    list.push({ text: `${run.mode.source.name} is incomplete. ${dataset.failures.join(" ")} ${rest}`, actions: [{ label: "Retry", act: () => run.retryData() }] });
  }
  for (const text of run.problems) {
    list.push({ text, actions: [{ label: "Dismiss", act: () => dismiss(run.problems, text) }] });
  }
  for (const text of problems) list.push({ text, actions: [{ label: "Dismiss", act: () => dismiss(problems, text) }] });
  return list;
}

/**
 * @param {string[]} list
 * @param {string} text
 */
function dismiss(list, text) {
  list.splice(list.indexOf(text), 1);
  markStale();
}

/** @param {Run} run */
function showStatus(run) {
  if (run.phase === "pausing" || run.phase === "settling") {
    setTimeout(() => {
      if (current === run && (run.phase === "pausing" || run.phase === "settling")) setText(status, statusText(run, remark));
    }, SLOW_PAUSE_MS);
  } else {
    setText(status, statusText(run, remark));
  }
}

/**
 * @param {string} view
 * @returns {HTMLCanvasElement}
 */
function canvas(view) {
  return /** @type {HTMLCanvasElement} */ (document.querySelector(`canvas[data-view="${view}"]`));
}
