// Looks: what the page asks about small networks without moving anything. They are computed in a second session of the same engine, so
// that no look disturbs the run.

import { unreachable } from "../errors.js";

/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../../src/types.d.ts").NamedTensor} NamedTensor */
/** @typedef {import("../../src/types.d.ts").Update} Update */
/** @typedef {import("../protocol.d.ts").Look} Look */
/** @typedef {import("../protocol.d.ts").Answers} Answers */
/** @typedef {import("../protocol.d.ts").Values} Values */

/** @type {readonly Update[]} */
const UPDATES = ["real", "fake", "generated"];

/** A second session, and what is looked at with it. */
export class Looks {
  /**
   * @param {Session} own of the same configuration as the run
   * @param {Session} run
   */
  constructor(own, run) {
    this.own = own;
    this.run = run;
  }

  /**
   * @param {Look} look
   * @returns {Promise<Answers["judge"] | Answers["derive"] | Answers["sweep"]>}
   */
  async answer(look) {
    switch (look.kind) {
      case "judge":
        return this.#judge(look);
      case "derive":
        return this.#derive(look);
      case "sweep":
        return this.#sweep(look);
      default:
        return unreachable(look);
    }
  }

  /**
   * @param {Extract<Look, {kind: "judge"}>} look
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
   * @param {Extract<Look, {kind: "derive"}>} look
   * @returns {Promise<Answers["derive"]>}
   */
  async #derive({ parameters, sample, latent, width }) {
    await this.#load(parameters);
    const { own } = this;
    const held = await own.parameters();
    const [real, fake, generated] = await Promise.all(UPDATES.map((update) => own.gradients(update, update === "real" ? sample : latent)));
    const [record, made] = [await own.measure(sample, latent), await own.generate(latent, false)];
    /** @type {Record<Update, NamedTensor[]>} */
    const differences = { real: [], fake: [], generated: [] };
    for (const tensor of held) {
      const slopes = await Promise.all(Array.from(tensor.values, (_, i) => this.#slopes(tensor, i, width, sample, latent)));
      for (const update of UPDATES) {
        if ((update === "generated") !== (tensor.network === "generator")) continue; // This update leaves that player as it is.
        differences[update].push({ ...tensor, values: Float32Array.from(slopes, (slope) => slope[update]) });
      }
    }
    return { parameters: held, fake: made, record, gradients: { real, fake, generated }, differences };
  }

  /**
   * @param {Extract<Look, {kind: "sweep"}>} look
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
   * @param {number} index of one of its values
   * @param {number} width
   * @param {Float32Array} sample
   * @param {Float32Array} latent
   * @returns {Promise<Record<Update, number>>} how each loss changes with that value, by a central difference
   */
  async #slopes(tensor, index, width, sample, latent) {
    const [high, low] = [Math.fround(tensor.values[index] + width), Math.fround(tensor.values[index] - width)];
    const { real, fake, generated } = await this.#losses(tensor, index, [high, low], sample, latent);
    const slope = (/** @type {Float32Array} */ losses) => (losses[0] - losses[1]) / (high - low); // f32 rounds both ends: their true distance counts.
    return { real: slope(real), fake: slope(fake), generated: slope(generated) };
  }

  /**
   * Queues everything before it awaits anything, so that several of these may be under way.
   * @param {NamedTensor} tensor
   * @param {number} index
   * @param {number[]} tries what its value at `index` is set to, one after the other; afterwards it is what it was
   * @param {Float32Array} sample
   * @param {Float32Array} latent
   * @returns {Promise<Record<Update, Float32Array>>} losses at each
   */
  async #losses({ network, name, values }, index, tries, sample, latent) {
    const records = tries.map((value) => {
      const moved = values.slice();
      moved[index] = value;
      this.own.loadParameter(network, name, moved);
      return this.own.measure(sample, latent);
    });
    this.own.loadParameter(network, name, values);
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
 * Replaces these parameters of a session.
 * @param {Session} session
 * @param {Values[]} parameters
 */
export function loadAll(session, parameters) {
  for (const { network, name, values } of parameters) session.loadParameter(network, name, values);
}
