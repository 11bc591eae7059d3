// The page: one run for each mode that was opened, one of them on the screen. What a person does and what a worker tells changes the state
// here; that only marks the screen as stale, and it is drawn once for each animation frame.

import { AUTO_PRESET, configInUse } from "../config/settings.js";
import { addStyleSheet, element } from "../dom.js";
import { Comparison } from "./comparison.js";
import { acceptDrops } from "./drops.js";
import { DEFAULT_MODE, MODES } from "./modes.js";
import { defaultSettings, formatHash, parseHash, sameSettings } from "./permalink.js";
import { Run } from "./run.js";
import { Screen } from "./screen.js";

/** @typedef {import("../protocol.d.ts").Mode} Mode */
/** @typedef {import("../protocol.d.ts").Settings} Settings */

/** Chapter of the explainer that a link with `train=1` opens. */
const TRAINING_CHAPTER = 5;

/** @type {Map<Mode, Run>} */
const runs = new Map();
/** @type {Run} the run on the screen */
let current;
/**
 * Problems of the page itself, e.g. of the link.
 * @type {string[]}
 */
let problems = [];
/** Said instead of the usual status until the run moves on. */
let remark = "";
/** The state has changed since it was drawn. */
let stale = false;
/** The editor is open, so the core is asked about the configuration of each run that is shown. */
let editing = false;
/** @type {Promise<void> | null} loads the explainer, once a mode needs it */
let loadingExplainer = null;
/** @type {import("../explainer/explainer.js").Explainer | null} null: it is not loaded */
let explainer = null;
/** @type {number | null} chapter of the explainer on the screen, from 1 on; null: the first, and not worth a word in the address */
let chapter = null;

/** The comparison's last text in the status line. */
let measured = "";
const comparison = new Comparison(({ text }) => {
  if (text || remark === measured) remark = text;
  measured = text;
  markStale();
});

const screen = new Screen({
  chooseMode(mode) {
    if (mode === current.mode) return;
    open(mode, runs.get(mode)?.settings ?? defaultSettings(mode), false);
    rememberInAddress();
  },
  toggleTraining() {
    remark = "";
    if (current.wanted || current.stopping) current.pause();
    else current.train();
  },
  step,
  reset,
  copyLink: () => void copyLink(),
  choosePreset,
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
  changePicture: (changed) => current.changePicture(changed),
  pictureChosen: rememberInAddress,
  draw: (labels, oneStyle) => void current.draw(labels, oneStyle),
  showJudge: (shown) => current.showJudge(shown),
  chooseClasses(classes) {
    current.choose(classes);
    rememberInAddress();
  },
  openFiles: (files) => current.openFiles(files),
  closeFiles: () => current.closeFiles(),
  retryData: () => current.retryData(),
  toggleEditor(isOpen) {
    editing = isOpen;
    askAboutDraft();
    markStale();
  },
  edit: (draft) => current.describe(configInUse(current.settings, draft)),
  apply(changes) {
    const what = changes ? `a changed ${current.settings.preset}` : current.settings.preset;
    restart({ ...current.settings, changes }, `Starting anew with ${what}`);
  },
  compareDevices: () => (comparison.phase === "idle" ? comparison.start(current) : comparison.stop()),
  switchDevice: () => comparison.faster && chooseBackend(comparison.faster),
  dismissOfRun: (text) => dismiss(current.problems, text),
  trainUnlabelled() {
    const { files, mode } = current;
    if (!mode.presetWithoutLabels) return;
    choosePreset(mode.presetWithoutLabels);
    current.openFiles(files);
  },
  dismissUnlabelled() {
    current.unlabelled = null;
    markStale();
  },
  dismissOfPage: (text) => dismiss(problems, text),
});

addEventListener("hashchange", followAddress);
document.addEventListener("visibilitychange", markStale);
acceptDrops((files) => {
  if (current.mode.ownFiles) {
    current.openFiles(files);
    return;
  }
  const other = MODES.find((mode) => mode.ownFiles)?.label;
  problems = [`${current.mode.label} has its own data; open your files in a mode for pictures, like ${other}.`];
  markStale();
});
screen.loadChart().then(markStale, () => {
  tellProblem("The chart library could not be loaded, so there are no loss curves; everything else works. Reload to try again.");
});
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
 * Shows a mode's run: the one it has, where that has these settings.
 * @param {Mode} mode
 * @param {Settings} settings
 * @param {boolean} train whether it is to train
 */
function open(mode, settings, train) {
  let run = runs.get(mode);
  if (current && current !== run) {
    if (current.wanted) current.pause();
    current.setVisible(false);
  }
  remark = "";
  if (!run) {
    run = new Run(mode, settings, onRunChange);
    runs.set(mode, run);
    current = run;
    run.start(settings, train);
  } else {
    current = run;
    const preset = settings.preset === AUTO_PRESET && run.hasOwnPreset ? run.settings.preset : settings.preset;
    if (!sameSettings(run.settings, { ...settings, preset })) run.start(settings, train);
    else if (train && !run.wanted) run.train();
  }
  run.setVisible(true);
  if (mode.family === "toy") loadingExplainer ??= loadExplainer();
  onRunChange(run);
}

/** @param {Run} run something of it has changed */
function onRunChange(run) {
  if (run !== current) return;
  askAboutDraft();
  markStale();
}

/** Asks the core about the configuration in use where the editor is open and nothing was edited yet. */
function askAboutDraft() {
  const { ready, draft, settings } = current;
  if (editing && ready && !draft) current.describe(configInUse(settings, ready.config));
}

/** @param {string} preset */
function choosePreset(preset) {
  // Rates, batch size and changes belong to a preset: another one brings its own.
  const own = { batchSize: null, learningRateG: null, learningRateD: null, changes: null };
  restart({ ...current.settings, preset, ...own }, `Starting anew with ${preset}`);
}

/** @param {import("../protocol.d.ts").StepRequest} request */
function step(request) {
  remark = "";
  current.step(request);
}

/** @param {import("../protocol.d.ts").BackendChoice} backend */
function chooseBackend(backend) {
  restart({ ...current.settings, backend }, `Starting anew from seed ${current.settings.seed} on the chosen device`);
}

/** Starts the same run from its beginning, with the settings shown. */
function reset() {
  restart({ ...current.settings, seed: current.nextSeed }, "Starting anew", false);
}

/**
 * @param {Settings} settings
 * @param {string} why
 * @param {boolean} [train] whether it trains as soon as it is ready
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

/** Copies a link that starts the run with its settings. */
async function copyLink() {
  const link = new URL(formatHash(current.mode, current.settings), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    say("The link is copied: it starts this run with the settings as they are now.");
  } catch {
    history.replaceState(null, "", link);
    say("This browser does not let the page copy; the link is in the address bar now.");
  }
}

/** Loads the explainer for the modes that have one. */
async function loadExplainer() {
  try {
    const [{ Explainer }] = await Promise.all([import("../explainer/explainer.js"), addStyleSheet("explainer/explainer.css")]);
    const actions = {
      startAnew: (/** @type {Settings} */ settings, /** @type {string} */ why) => restart(settings, why, false),
      choosePreset(/** @type {string} */ preset) {
        restart({ ...current.settings, preset, learningRateG: null, learningRateD: null }, `Starting anew with ${preset}`);
      },
      say,
      step,
    };
    explainer = new Explainer(element("explainer", HTMLElement), actions, (chosen) => {
      chapter = chosen;
      rememberInAddress();
    }, (asked) => formatHash(current.mode, current.settings, asked));
    explainer.open(chapter ?? 1);
    markStale();
  } catch {
    loadingExplainer = null;
    tellProblem("The explainer could not be loaded; training works all the same. Open this mode again to retry.");
  }
}

/** @param {string} text for the status line, until the run moves on */
function say(text) {
  remark = text;
  markStale();
}

/** @param {string} text */
function tellProblem(text) {
  problems.push(text);
  markStale();
}

/**
 * @param {string[]} list
 * @param {string} text
 */
function dismiss(list, text) {
  list.splice(list.indexOf(text), 1);
  markStale();
}

function markStale() {
  if (stale) return;
  stale = true;
  requestAnimationFrame(() => {
    stale = false;
    show();
  });
}

/** Lets run and comparison go on from what is about to be on the screen, and draws them. */
function show() {
  current.acknowledgeFrame();
  comparison.follow(current);
  screen.draw({ run: current, remark, problems, comparison });
  if (current.mode.family === "toy") explainer?.show(current);
}
