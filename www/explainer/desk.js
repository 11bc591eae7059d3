// What all chapters share: the learner's world, the run on the screen, and ways to ask its worker.

import { World } from "./world.js";

/** @typedef {import("../page/run.js").Run} Run */
/** @typedef {import("../protocol.d.ts").Question} Question */
/** @typedef {import("../protocol.d.ts").Values} Values */

/**
 * @typedef {object} Actions what only the page can do
 * @property {(settings: import("../protocol.d.ts").Settings, why: string) => void} startAnew
 * @property {(preset: string) => void} choosePreset
 * @property {(text: string) => void} say in the status line, until the run moves on
 * @property {(kind: import("../protocol.d.ts").StepRequest) => void} step
 */

/**
 * The parameters, the face and the latent that errors and slopes are computed with.
 * @typedef {object} Scene
 * @property {Values[] | null} parameters null: those of the run
 * @property {Float32Array} sample one face
 * @property {Float32Array} latent one z
 */

/** Half of the distance over which differences are taken: 2⁻⁶, which f32 adds exactly enough. */
const DIFFERENCE_WIDTH = 1 / 64;

/** The learner's world and the run, as the chapters use them. It alone tells the run's worker of the learner's faces and of the speed they chose. */
export class Desk {
  /** @type {Run | null} */
  run = null;
  /** @type {Run["ready"]} the worker that was told of the faces */
  #toldReady = null;
  #toldFaces = "";
  /** @type {number | null} steps that Train takes a second at most; null: as many as there can be */
  #pace = null;
  /** @type {Run["ready"]} the worker that knows the pace */
  #pacedReady = null;

  /**
   * @param {Actions} actions
   * @param {() => void} onChange called when the learner changed the world
   */
  constructor(actions, onChange) {
    this.actions = actions;
    this.world = new World(() => {
      this.#tellFaces();
      onChange();
    });
  }

  /** @returns {boolean} whether the run has something to show */
  get isReady() {
    return Boolean(this.run?.ready && this.run.frame?.parameters && this.world.builtIn.length > 0);
  }

  /** @returns {Values[]} the run's parameters, as far as they are known */
  get held() {
    return this.run?.frame?.parameters ?? [];
  }

  /** @param {Run} run on the screen, whenever something about it has changed */
  follow(run) {
    this.run = run;
    if (this.world.builtIn.length === 0 && run.real) this.world.take(run.real.samples);
    this.#tellFaces();
    this.#tellPace();
  }

  /**
   * @template {Question} Q
   * @param {Q} question
   * @returns {Promise<import("../protocol.d.ts").Answer<Q>>}
   */
  async ask(question) {
    return this.run ? this.run.ask(question) : null;
  }

  /**
   * @param {Scene} scene
   * @returns {Promise<import("../protocol.d.ts").Derivation | null>} its losses and their slopes
   */
  derive(scene) {
    return this.ask({ kind: "derive", ...scene, width: DIFFERENCE_WIDTH });
  }

  /** @param {number | null} stepsPerSecond at most, for this run and for those after a reset; null: as many as there can be */
  setPace(stepsPerSecond) {
    this.#pace = stepsPerSecond;
    this.#pacedReady = this.run?.ready ?? null;
    void this.ask({ kind: "pace", stepsPerSecond });
  }

  /** The run trains on the learner's faces, also after a reset. */
  #tellFaces() {
    const { run, world } = this;
    if (!run?.ready || world.builtIn.length === 0) return;
    const { faces, ownFaces } = world;
    const told = JSON.stringify(faces);
    const isFresh = run.ready !== this.#toldReady;
    if (isFresh ? ownFaces.length > 0 : told !== this.#toldFaces) void run.ask({ kind: "samples", samples: Float32Array.from(faces.flat()) });
    this.#toldReady = run.ready;
    this.#toldFaces = told;
  }

  /** The run keeps the speed, also after a reset. */
  #tellPace() {
    const ready = this.run?.ready ?? null;
    if (!ready || ready === this.#pacedReady) return;
    this.#pacedReady = ready;
    if (this.#pace !== null) void this.ask({ kind: "pace", stepsPerSecond: this.#pace });
  }
}
