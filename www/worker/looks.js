// Answers of the worker to the page's questions about small networks. What is only looked at is computed in a second session of the same
// engine, the lab's own, so that no question disturbs the run.

/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../../src/types.d.ts").NamedTensor} NamedTensor */
/** @typedef {import("../../src/types.d.ts").Update} Update */
/** @typedef {import("../protocol.d.ts").Question} Question */
/** @typedef {import("../protocol.d.ts").Answers} Answers */
/** @typedef {import("../protocol.d.ts").Values} Values */

/** @type {readonly Update[]} */
const PARTS = ["real", "fake", "generated"];

/** A second session, and what is asked of it. */
export class Lab {
  /**
   * @param {Session} own of the same configuration as the run
   * @param {Session} run
   */
  constructor(own, run) {
    this.own = own;
    this.run = run;
  }

  /**
   * @param {Question} question
   * @returns {Promise<Answers[keyof Answers]>}
   */
  async answer(question) {
    switch (question.kind) {
      case "judge":
        return this.#judge(question);
      case "derive":
        return this.#derive(question);
      case "sweep":
        return this.#sweep(question);
      default:
        throw new TypeError(`${question.kind} is no question for the lab`);
    }
  }

  /**
   * @param {Extract<Question, {kind: "judge"}>} question
   * @returns {Promise<Answers["judge"]>}
   */
  async #judge({ parameters, samples, latents }) {
    await this.#load(parameters);
    const none = new Float32Array(0);
    const made = latents.length > 0 ? await this.own.generate(latents, false) : none;
    return {
      scores: samples.length > 0 ? await this.own.scores(samples) : none,
      samples: made,
      sampleScores: made.length > 0 ? await this.own.scores(made) : none,
    };
  }

  /**
   * @param {Extract<Question, {kind: "derive"}>} question
   * @returns {Promise<Answers["derive"]>}
   */
  async #derive({ parameters, sample, latent, width }) {
    await this.#load(parameters);
    const { own } = this;
    const held = await own.parameters();
    const [real, fake, generated] = await Promise.all(PARTS.map((part) => own.gradients(part, part === "real" ? sample : latent)));
    const [record, made] = [await own.measure(sample, latent), await own.generate(latent, false)];
    /** @type {Record<Update, NamedTensor[]>} */
    const differences = { real: [], fake: [], generated: [] };
    for (const tensor of held) {
      const slopes = await Promise.all(Array.from(tensor.values, (_, i) => this.#slopes(tensor, i, width, sample, latent)));
      for (const part of PARTS) {
        if ((part === "generated") !== (tensor.network === "generator")) continue; // Only whose turn it is to learn.
        differences[part].push({ ...tensor, values: Float32Array.from(slopes, (slope) => slope[part]) });
      }
    }
    return { parameters: held, fake: made, record, gradients: { real, fake, generated }, differences };
  }

  /**
   * @param {Extract<Question, {kind: "sweep"}>} question
   * @returns {Promise<Answers["sweep"]>}
   */
  async #sweep({ parameters, network, name, index, values, sample, latent }) {
    await this.#load(parameters);
    const tensor = (await this.own.parameters()).find((held) => held.network === network && held.name === name);
    if (!tensor) throw new TypeError(`there is no ${network} ${name}`);
    return this.#losses(tensor, index, [...values], sample, latent);
  }

  /**
   * @param {NamedTensor} tensor
   * @param {number} index of one of its numbers
   * @param {number} width
   * @param {Float32Array} sample
   * @param {Float32Array} latent
   * @returns {Promise<Record<Update, number>>} how each loss changes with that number, by a central difference
   */
  async #slopes(tensor, index, width, sample, latent) {
    const [high, low] = [Math.fround(tensor.values[index] + width), Math.fround(tensor.values[index] - width)];
    const { real, fake, generated } = await this.#losses(tensor, index, [high, low], sample, latent);
    const slope = (/** @type {Float32Array} */ losses) => (losses[0] - losses[1]) / (high - low); // f32 rounds the ends: their true distance counts.
    return { real: slope(real), fake: slope(fake), generated: slope(generated) };
  }

  /**
   * Everything is asked before anything is awaited, so that several of these may be under way.
   * @param {NamedTensor} tensor
   * @param {number} index
   * @param {number[]} values that one of its numbers takes; afterwards it is what it was
   * @param {Float32Array} sample
   * @param {Float32Array} latent
   * @returns {Promise<Record<Update, Float32Array>>} losses at each
   */
  async #losses({ network, name, values: held }, index, values, sample, latent) {
    const records = values.map((value) => {
      const moved = held.slice();
      moved[index] = value;
      this.own.loadParameter(network, name, moved);
      return this.own.measure(sample, latent);
    });
    this.own.loadParameter(network, name, held);
    const read = await Promise.all(records);
    return {
      real: Float32Array.from(read, ({ lossDReal }) => lossDReal ?? NaN),
      fake: Float32Array.from(read, ({ lossDFake }) => lossDFake ?? NaN),
      generated: Float32Array.from(read, ({ lossG }) => lossG ?? NaN),
    };
  }

  /** @param {Values[] | null} parameters null: those of the run */
  async #load(parameters) {
    loadAll(this.own, parameters ?? (await this.run.parameters()));
  }
}

/**
 * @param {Session} session
 * @param {Values[]} parameters
 */
export function loadAll(session, parameters) {
  for (const { network, name, values } of parameters) session.loadParameter(network, name, values);
}
