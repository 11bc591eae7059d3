// All that a person sees of a run, but for the explainer. The screen draws the state that it is handed and reports what the person does; it
// changes no state, and draws again only what is different.

import { labelsText } from "../config/labels.js";
import { equilibria, equilibriaText, lossWords } from "../config/losses.js";
import { element, find, findAll, setText } from "../dom.js";
import { Controls } from "./controls.js";
import { MODES } from "./modes.js";
import { AlertsView } from "./views/alerts.js";
import { LossChart } from "./views/chart.js";
import { ClassesView } from "./views/classes.js";
import { DrawView } from "./views/draw.js";
import { EditorView } from "./views/editor.js";
import { epochsHint, EpochsView } from "./views/epochs.js";
import { showFigures, showFiguresOf } from "./views/figures.js";
import { GridView } from "./views/grid.js";
import { JudgeView } from "./views/judge.js";
import { showNetworks } from "./views/networks.js";
import { ParametersView } from "./views/parameters.js";
import { SamplesView } from "./views/samples.js";
import { SpeedView } from "./views/speed.js";
import { StatusView } from "./views/status.js";
import { TabsView } from "./views/tabs.js";

/** @typedef {import("../protocol.d.ts").Mode} Mode */
/** @typedef {import("./run.js").Run} Run */

/**
 * Events that the screen reports, besides those of its controls, its editor and its alerts.
 * @typedef {object} OwnActions
 * @property {(mode: Mode) => void} chooseMode
 * @property {(classes: number[] | null) => void} chooseClasses null: all
 * @property {(labels: number[], oneStyle: boolean) => void} draw asks for fresh samples of these classes
 * @property {(shown: boolean) => void} showJudge
 * @property {() => void} compareDevices starts the comparison, or stops it
 * @property {() => void} switchDevice takes the faster device
 */

/** @typedef {OwnActions & import("./controls.js").Actions & import("./views/editor.js").EditorActions & import("./views/alerts.js").AlertActions} Actions */

/**
 * The state that is drawn.
 * @typedef {object} State
 * @property {Run} run
 * @property {string} remark said in the status line instead of the usual; empty: nothing
 * @property {readonly string[]} problems of the page itself
 * @property {import("./comparison.js").Comparison} comparison
 */

/** Columns of the grid of real samples, at most. */
const COLUMNS = 8;

/**
 * Shape of the samples of a run that is not ready and has none.
 * @type {import("../../src/types.d.ts").SampleShape}
 */
const NO_SHAPE = { width: 0, height: 0, range: [0, 1] };

/**
 * Objects that the views were drawn from; a view is drawn again when it is handed another one.
 * @type {{[Key in "run" | "frame" | "real" | "ready" | "epochs"]: unknown}}
 */
const NOTHING_SHOWN = { run: null, frame: null, real: null, ready: null, epochs: null };

/** The page's views. */
export class Screen {
  /** @type {LossChart | null} null: its library is not loaded */
  #chart = null;
  #shown = NOTHING_SHOWN;

  /** @param {Actions} actions */
  constructor(actions) {
    this.panel = element("panel", HTMLElement);
    this.tabs = new TabsView(find("[role=tablist]", HTMLElement), this.panel, MODES, actions.chooseMode);
    this.controls = new Controls(actions);
    this.status = new StatusView(element("status", HTMLElement));
    this.alerts = new AlertsView(element("alerts", HTMLElement), actions);
    this.samples = new SamplesView();
    this.real = new GridView(find("canvas[data-view=real]", HTMLCanvasElement));
    this.parameters = new ParametersView(element("parameters", HTMLElement));
    this.epochs = new EpochsView(element("epochs", HTMLOListElement));
    this.classes = new ClassesView(actions.chooseClasses);
    this.drawing = new DrawView(actions.draw);
    this.judge = new JudgeView(actions.showJudge);
    this.editor = new EditorView(actions);
    this.speed = new SpeedView(actions.compareDevices, actions.switchDevice);
    setText(element("epochs-hint", HTMLElement), epochsHint());
  }

  /** Loads the chart's library; everything is drawn again after it. Rejects if it cannot be loaded. */
  async loadChart() {
    const { default: uPlot } = await import("uplot");
    this.#chart = new LossChart(element("chart", HTMLElement), element("chart-legend", HTMLElement), uPlot);
    this.judge.useLibrary(uPlot);
    this.#shown = NOTHING_SHOWN;
  }

  /** @param {State} state */
  draw({ run, remark, problems, comparison }) {
    if (this.#shown.run !== run) this.#showMode(run.mode);
    this.controls.show(run);
    this.alerts.show(run, problems);
    this.classes.show(run);
    this.samples.show(run);
    this.drawing.show(run);
    this.judge.show(run);
    this.editor.show(run);
    showFigures(this.panel, run);
    showDeviceAndData(run);
    this.#drawPictures(run);
    const { frame, real, ready, epochs } = run;
    this.#shown = { run, frame, real, ready, epochs };
    this.status.show(run, remark);
    this.speed.show(comparison, run);
  }

  /** @param {Run} run whose networks, samples and curves are drawn where they are not the ones on the screen */
  #drawPictures(run) {
    const { frame, real, ready, epochs, mode } = run;
    const shown = this.#shown;
    if (ready && ready !== shown.ready) this.#showConfig(ready);
    if (real && real !== shown.real) {
      const count = real.samples.length / (real.shape.width * real.shape.height);
      this.real.show(real.samples, real.shape, Math.min(COLUMNS, Math.max(1, count)), mode.palette);
    }
    if (epochs !== shown.epochs) this.epochs.show(epochs, ready?.info.shape ?? NO_SHAPE, mode.palette, Boolean(ready?.config.labels));
    if (frame === shown.frame && ready === shown.ready && run === shown.run) return;
    this.#chart?.show(frame?.history ?? null, ready ? equilibria(ready.config) : []);
    if (!frame || !ready) return;
    this.samples.showFrame(run);
    if (frame.parameters) this.parameters.show(frame.parameters, ready.info.shape);
  }

  /** @param {Mode} mode that is another one than on the screen */
  #showMode(mode) {
    this.tabs.show(mode);
    this.panel.dataset.family = mode.family;
    setText(element("mode-summary", HTMLElement), mode.summary);
    for (const part of findAll("[data-only]")) part.hidden = part.dataset.only !== mode.family;
    for (const part of findAll("[data-word]")) setText(part, mode.words[/** @type {keyof Mode["words"]} */ (part.dataset.word)]);
    this.samples.clear();
    this.real.clear();
    this.parameters.clear();
    this.#shown = NOTHING_SHOWN;
  }

  /** @param {NonNullable<Run["ready"]>} ready whose networks or training are others than on the screen */
  #showConfig({ config, info }) {
    showNetworks(element("networks", HTMLElement), info);
    showFiguresOf(this.panel, config);
    setText(element("labels-words", HTMLElement), labelsText(config.labels));
    setText(element("loss-words", HTMLElement), lossWords(config.loss));
    const lines = equilibriaText(equilibria(config));
    const dotted = `Dotted: where a player who cannot tell real from generated would stand, ${lines}.`;
    setText(element("chart-hint", HTMLElement), `${dotted} Thin curves are the losses as measured, thick ones are smoothed.`);
  }
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
