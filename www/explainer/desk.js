// What all chapters share: the learner's world, the run on the screen, and ways to ask its worker.

import { World } from "./world.js";

/** @typedef {import("../page/run.js").Run} Run */
/** @typedef {import("../protocol.d.ts").Question} Question */

/**
 * @typedef {object} Actions what only the page can do
 * @property {(settings: import("../protocol.d.ts").Settings, why: string) => void} startAnew
 * @property {(preset: string) => void} choosePreset
 * @property {(text: string) => void} say in the status line, until the run moves on
 * @property {(kind: import("../protocol.d.ts").StepRequest) => void} step
 */

/**
 * @typedef {object} Chapter
 * @property {string} title
 * @property {string} short its beginning, for the table of chapters
 * @property {HTMLElement} element
 * @property {(desk: Desk) => void} show called when something it may show has changed
 */

/** Shared by the chapters. */
export class Desk {
  /** @type {Run | null} */
  run = null;

  /**
   * @param {Actions} actions
   * @param {() => void} onChange
   */
  constructor(actions, onChange) {
    this.actions = actions;
    this.world = new World(onChange);
  }

  /** @returns {boolean} whether the run has something to show */
  get isReady() {
    return Boolean(this.run?.ready && this.run.frame?.parameters && this.world.builtIn.length > 0);
  }

  /**
   * @template {Question} Q
   * @param {Q} question
   * @returns {Promise<import("../protocol.d.ts").Answer<Q>>}
   */
  async ask(question) {
    return this.run ? this.run.ask(question) : null;
  }
}
