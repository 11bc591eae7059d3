// Problems in words, each with what a person can do about it.

import { button, el, p } from "../../dom.js";

/** @typedef {import("../run.js").Run} Run */

/**
 * @typedef {object} Alert
 * @property {string} text
 * @property {{label: string, act: () => void}[]} actions
 */

/**
 * Answers to a problem that a person can choose.
 * @typedef {object} AlertActions
 * @property {() => void} reset
 * @property {() => void} retryData
 * @property {() => void} trainUnlabelled starts anew with networks that are told no classes, on the files that were refused
 * @property {() => void} dismissUnlabelled
 * @property {(text: string) => void} dismissOfRun
 * @property {(text: string) => void} dismissOfPage
 */

/** The page's one role="alert". It changes only when its words do, or screen readers would say everything again. */
export class AlertsView {
  /**
   * @param {HTMLElement} area
   * @param {AlertActions} actions
   */
  constructor(area, actions) {
    this.area = area;
    this.actions = actions;
    this.shown = "";
  }

  /**
   * @param {Run} run
   * @param {readonly string[]} problems of the page itself
   */
  show(run, problems) {
    const alerts = alertsOf(run, problems, this.actions);
    const words = JSON.stringify(alerts.map(({ text, actions }) => [text, actions.map((action) => action.label)]));
    if (words === this.shown) return;
    this.shown = words;
    this.area.replaceChildren(...alerts.map(box));
  }
}

/**
 * @param {Run} run
 * @param {readonly string[]} problems of the page itself
 * @param {AlertActions} actions
 * @returns {Alert[]}
 */
function alertsOf(run, problems, { reset, retryData, trainUnlabelled, dismissUnlabelled, dismissOfRun, dismissOfPage }) {
  /** @type {Alert[]} */
  const alerts = [];
  if (run.fatal) alerts.push({ text: run.fatal, actions: [{ label: "Reset this run", act: reset }] });
  const { dataset } = run;
  if (dataset && dataset.failures.length > 0) {
    const count = dataset.available.toLocaleString("en");
    const rest = dataset.available > 0 ? `Training works with the ${count} images that are here.` : "There is nothing to train on yet.";
    alerts.push({ text: `${run.mode.source.name} is incomplete. ${dataset.failures.join(" ")} ${rest}`, actions: [{ label: "Retry", act: retryData }] });
  }
  const { unlabelled, mode } = run;
  if (unlabelled !== null) {
    const anew = mode.presetWithoutLabels ? [{ label: `Start anew with ${mode.presetWithoutLabels}`, act: trainUnlabelled }] : [];
    alerts.push({ text: unlabelled, actions: [...anew, { label: "Dismiss", act: dismissUnlabelled }] });
  }
  for (const text of run.problems) alerts.push({ text, actions: [{ label: "Dismiss", act: () => dismissOfRun(text) }] });
  for (const text of problems) alerts.push({ text, actions: [{ label: "Dismiss", act: () => dismissOfPage(text) }] });
  return alerts;
}

/**
 * @param {Alert} alert
 * @returns {HTMLElement}
 */
function box({ text, actions }) {
  return el("div", { class: "alert" }, p(text), ...actions.map(({ label, act }) => button(label, act, "")));
}
