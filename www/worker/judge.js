// The judge at work: a small classifier that looks at what G draws, now and then, on the trainer's engine. It moves nothing of the run.

import { messageOf } from "../errors.js";
import { addressOf } from "../site.js";
import { readAtMost } from "./data/shards.js";
import { inTurn, latentStream, take } from "./latents.js";
import { judgedSamples, Rhythm, Verdicts } from "./rhythm.js";

/** @typedef {import("../../src/types.d.ts").GanModule} GanModule */
/** @typedef {import("../../src/types.d.ts").Judge} Judge */
/** @typedef {import("../protocol.d.ts").JudgeReport} JudgeReport */
/** @typedef {import("./training.js").Training} Training */

/** Samples that are made at once; between two chunks the worker hears commands. */
const CHUNK = 100;
/** Bytes of a judge's file, at most; MNIST's has some 80,000. */
const MOST_BYTES = 1_000_000;
/** A look that takes longer, ms, does not follow each single step. */
const QUICK_LOOK_MS = 1000;
/** Longest time that a drawing waits for the judge to be loaded, ms: commands wait behind it. */
const OPINION_WAIT_MS = 3000;

/**
 * @param {string} file name of a judge's file under www/judge/
 * @param {(url: string) => Promise<Response>} [fetchFile]
 * @returns {Promise<Uint8Array>}
 */
export async function judgeFile(file, fetchFile = (url) => fetch(url)) {
  const name = `${file}.bin`;
  const response = await fetchFile(addressOf(`judge/${name}`));
  if (!response.ok || !response.body) throw new Error(`${name}: the server answered ${response.status}`);
  return readAtMost(response.body, MOST_BYTES, name);
}

/** Looks at a run's samples and reports. */
export class JudgeWatch {
  /** Whether somebody sees what it says. */
  #shown = false;
  /** Whether the data in use are those that it knows. */
  #knowsData = true;
  #rhythm = new Rhythm();
  #verdicts = new Verdicts();
  /** @type {Promise<Judge> | null} null: nobody needed it yet, or it moved */
  #opening = null;
  /** Whether it could not be opened. */
  #failed = false;
  /** @type {Float32Array[]} latents of the chunks of all verdicts, drawn when they are first needed */
  #latents = [];
  /** @type {(() => number) | null} the stream that they are drawn from */
  #next = null;
  /** @type {number | null} steps that were complete at the latest verdict */
  #step = null;
  /** @type {{cancelled: boolean} | null} the look under way */
  #look = null;

  /**
   * @param {string} file name of its file under www/judge/
   * @param {GanModule} module that trains
   * @param {Training} training
   * @param {(report: JudgeReport | null, problem: string) => void} report called with a verdict, or with a problem
   * @param {() => Promise<void>} yieldMacrotask
   * @param {(url: string) => Promise<Response>} [fetchFile]
   */
  constructor(file, module, training, report, yieldMacrotask, fetchFile) {
    this.file = file;
    this.module = module;
    this.training = training;
    this.report = report;
    this.yieldMacrotask = yieldMacrotask;
    this.fetchFile = fetchFile;
  }

  /**
   * @param {boolean} shown whether it is on the screen from now on; if so it looks at once, unless training goes on
   */
  show(shown) {
    this.#shown = shown;
    this.#failed = false;
    if (shown && !this.training.running && this.training.latest.step > 0) this.#lookAtRest();
  }

  /** @param {boolean} knowsData whether the data in use are those that it knows */
  follow(knowsData) {
    if (knowsData === this.#knowsData) return;
    this.#knowsData = knowsData;
    this.cancel();
  }

  /** @param {GanModule} module that trains from now on; the judge is opened anew by it */
  moveTo(module) {
    this.cancel();
    void this.#opening?.then((judge) => judge.free(), () => {});
    this.#opening = null;
    this.module = module;
  }

  /** To be called between two chunks of training: looks if it is time to. */
  async between() {
    if (!this.#mayLook || !this.#rhythm.isDue(this.training.trainedMs)) return;
    await this.#lookNow(() => !this.training.running);
  }

  /**
   * To be called when training rests: looks at the weights as they are now, where it has looked at others before.
   * @param {boolean} paused whether the person paused; after a single step it looks only if that is quick, for another may follow
   */
  rest(paused) {
    if (!this.#mayLook || this.training.latest.step === this.#step) return;
    const { lookMs } = this.#rhythm;
    const wanted = lookMs !== null && (paused || lookMs < QUICK_LOOK_MS);
    if (wanted || this.#rhythm.isDue(this.training.trainedMs)) this.#lookAtRest();
  }

  /** Ends the look under way without a verdict: training is to go on. */
  cancel() {
    if (this.#look) this.#look.cancelled = true;
  }

  /**
   * @param {Float32Array} samples row-major [n, width * height]
   * @returns {Promise<Float32Array | null>} probability of each class for each; null: there is no judge for these data, or it is not here yet
   */
  async opinion(samples) {
    if (!this.#knowsData || this.#failed) return null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @type {Promise<null>} */
    const late = new Promise((resolve) => (timer = setTimeout(() => resolve(null), OPINION_WAIT_MS)));
    const judge = await Promise.race([this.#open(), late]);
    clearTimeout(timer);
    return judge && judge.classify(samples);
  }

  get #mayLook() {
    return this.#shown && this.#knowsData && !this.#failed && !this.#look;
  }

  #lookAtRest() {
    if (this.#mayLook) void this.#lookNow(() => this.training.running);
  }

  /**
   * Makes samples with the weights as they are, and reports what they have.
   * @param {() => boolean} isOver asked between two chunks; if so there is no verdict
   */
  async #lookNow(isOver) {
    const look = { cancelled: false };
    this.#look = look;
    try {
      const judge = await this.#open();
      if (judge && !look.cancelled) await this.#judge(judge, () => look.cancelled || isOver());
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#look = null;
    }
  }

  /**
   * @param {Judge} judge
   * @param {() => boolean} isOver
   */
  async #judge(judge, isOver) {
    const { training } = this;
    const { step } = training.latest;
    const classes = training.trainedClasses;
    const start = performance.now();
    const samples = judgedSamples(training.trainedMs);
    const asked = classes.length > 0 ? inTurn(classes, samples) : undefined;
    judge.clear();
    for (let from = 0; from < samples; from += CHUNK) {
      const labels = asked?.slice(from, from + CHUNK);
      judge.look(await training.session.generate(this.#latentsOf(from / CHUNK), true, labels), labels);
      await this.yieldMacrotask();
      if (isOver()) return;
    }
    const score = await judge.verdict();
    const lookMs = performance.now() - start;
    this.#rhythm.looked(lookMs, training.trainedMs);
    if (isOver()) return;
    const seconds = training.trainedMs / 1000;
    this.#step = step;
    this.#verdicts.add(score, step, seconds);
    const { passed } = this.#verdicts;
    const chosen = training.chosenClasses;
    this.report({
      info: judge.info(), score, step, seconds, lookMs, classes: chosen && [...chosen], history: this.#verdicts.columns(), passed: [...passed],
    }, "");
  }

  /**
   * @param {number} chunk
   * @returns {Float32Array} its latents, the same in each look: so verdicts differ by G's weights alone
   */
  #latentsOf(chunk) {
    const { session } = this.training;
    const { seed, latentDim } = session.info();
    this.#next ??= latentStream(session.config().latent.kind, seed, "judge");
    while (this.#latents.length <= chunk) this.#latents.push(take(this.#next, CHUNK * latentDim));
    return this.#latents[chunk];
  }

  /** @returns {Promise<Judge | null>} null: it could not be opened, which was reported */
  async #open() {
    this.#opening ??= this.#load();
    try {
      return await this.#opening;
    } catch (error) {
      this.#opening = null;
      this.#fail(error);
      return null;
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#failed = true;
    this.report(null, `The judge could not look (${messageOf(error)}). Training goes on without it; close and open it to try again.`);
  }

  /** @returns {Promise<Judge>} */
  async #load() {
    const bytes = await judgeFile(this.file, this.fetchFile);
    return this.module.openJudge(bytes, this.training.session.info().backend);
  }
}
