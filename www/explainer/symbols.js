// Every symbol of the explainer: what it means, its formula, its present value, what raising it does.

import { thirteen } from "./numbers.js";
import { fixed } from "./numerals.js";
import { configInUse } from "../config/settings.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {"x" | "w" | "b" | "s" | "sigma" | "p" | "z" | "v" | "c" | "fake" | "lossD" | "lossG" | "slope" | "eta" | "epoch"} SymbolName */

/**
 * @typedef {object} Entry
 * @property {string} sign
 * @property {string} name
 * @property {string} meaning
 * @property {string} formula
 * @property {string} raise what raising it does
 * @property {(desk: Desk) => string} value what it stands at now, in words
 */

const NOT_YET = "not measured yet: take a step";

/**
 * The symbols in the order of the glossary.
 * @type {Record<SymbolName, Entry>}
 */
export const SYMBOLS = {
  x: {
    sign: "x", name: "a picture", formula: "x = (x₁, x₂, x₃, x₄), each from 0 to 1",
    meaning: "Four pixels: top left, top right, bottom left, bottom right. 0 is paper, 1 is ink.",
    raise: "More ink in a pixel moves D’s sum by that pixel’s weight.",
    value: ({ world }) => `the chosen face is ${list(world.face)}`,
  },
  w: {
    sign: "w", name: "weights of D", formula: "s = w₁x₁ + w₂x₂ + w₃x₃ + w₄x₄ + b",
    meaning: "How much each pixel counts when D judges. Positive: ink speaks for a face; negative: against.",
    raise: "A picture with ink in that pixel gets a higher score; paper there changes nothing.",
    value: (desk) => `in your GAN ${list(held(desk).w)}`,
  },
  b: {
    sign: "b", name: "bias of D", formula: "b = − threshold",
    meaning: "What D’s sum starts from before it has seen any ink. It is the threshold with the other sign.",
    raise: "D becomes more trusting: every picture scores higher.",
    value: (desk) => `in your GAN ${fixed(held(desk).b, 3)}`,
  },
  s: {
    sign: "s", name: "the logit", formula: "s = Σ wᵢxᵢ + b",
    meaning: "D’s sum before the sigmoid: its evidence for a face. 0 means it cannot tell.",
    raise: "The score σ(s) rises, ever more slowly the surer D is already.",
    value: ({ run }) => `for the last face ${measured(run?.frame?.logitReal)}, for the last fake ${measured(run?.frame?.logitFake)}`,
  },
  sigma: {
    sign: "σ", name: "the sigmoid", formula: "σ(s) = 1 / (1 + e⁻ˢ)",
    meaning: "Squeezes any number into 0 to 1, so that a sum can be read as a probability and a pixel stays a pixel. Its slope is σ(1 − σ).",
    raise: "A larger s gives a larger σ(s); in the middle, at ½, it rises fastest.",
    value: () => "σ(0) = 0.5, σ(1) = 0.731, σ(−1) = 0.269",
  },
  p: {
    sign: "D(x)", name: "the score, p", formula: "p = D(x) = σ(s)",
    meaning: "D’s probability that a picture is a real face.",
    raise: "On faces, D’s error falls; on fakes, D’s rises and G’s falls.",
    value: ({ run }) => `for the last face ${measured(run?.frame?.scoreReal)}, for the last fake ${measured(run?.frame?.scoreFake)}`,
  },
  z: {
    sign: "z", name: "the latent", formula: "z is uniform from 0 to 1",
    meaning: "The one random number that G starts from. Another z, another picture.",
    raise: "Each pixel gets more ink where its weight v is positive, less where it is negative.",
    value: ({ world }) => `on the slider of chapter 3: ${fixed(world.z, 2)}`,
  },
  v: {
    sign: "v", name: "weights of G", formula: "x′ᵢ = σ(vᵢ z + cᵢ)",
    meaning: "How strongly each pixel follows z.",
    raise: "That pixel gets darker, the more so the larger z is; at z = 0 nothing changes.",
    value: (desk) => `in your GAN ${list(held(desk).v)}`,
  },
  c: {
    sign: "c", name: "biases of G", formula: "x′ᵢ = σ(vᵢ z + cᵢ)",
    meaning: "The ink that each pixel has whatever z is.",
    raise: "That pixel gets darker for every z.",
    value: (desk) => `in your GAN ${list(held(desk).c)}`,
  },
  fake: {
    sign: "x′", name: "the fake", formula: "x′ = G(z)",
    meaning: "The picture that G makes of z. G has never seen a real one.",
    raise: "More ink in a pixel moves D’s sum by that pixel’s weight: this is how G learns what D likes.",
    value: () => "shown in chapters 4 and 5 with its four pixels",
  },
  lossD: {
    sign: "L(D)", name: "error of D", formula: "L(D) = −log D(x) − log(1 − D(x′))",
    meaning: "How wrong D is, on a face and on a fake. In nats; a D that cannot tell has 2 log 2 = 1.386.",
    raise: "It means that D is being fooled, or is not yet good.",
    value: ({ run }) => measured(run?.frame?.lossD),
  },
  lossG: {
    sign: "L(G)", name: "error of G", formula: "L(G) = −log D(x′)",
    meaning: "How little D is fooled. At D(x′) = ½ it is log 2 = 0.693. (log is the natural logarithm.)",
    raise: "It means that D sees through G’s pictures.",
    value: ({ run }) => measured(run?.frame?.lossG),
  },
  slope: {
    sign: "∂L/∂w", name: "a derivative", formula: "(L(w + h) − L(w − h)) / 2h, for a small h",
    meaning: "By how much the error changes for each unit that one number grows while all others stay.",
    raise: "A steeper slope means a longer step. Its sign says which way is downhill.",
    value: () => "all of them stand in chapter 4",
  },
  eta: {
    sign: "η", name: "the learning rate", formula: "w ← w − η · ∂L/∂w",
    meaning: "How far a number moves down its slope in one update.",
    raise: "Learning gets faster, then jumpy; far too high, it jumps across the valley.",
    value: ({ run }) => {
      if (!run?.ready) return NOT_YET;
      const { generator, discriminator } = configInUse(run.settings, run.ready.config);
      return `${discriminator.learningRate} for D, ${generator.learningRate} for G`;
    },
  },
  epoch: {
    sign: "epoch", name: "an epoch", formula: "as many steps as there are faces",
    meaning: "One pass over all real faces; the 2×2 world takes one face a step.",
    raise: "More epochs, more practice for both.",
    value: ({ run }) => fixed(run?.frame?.epoch ?? 0, 2),
  },
};

/**
 * @param {readonly number[]} values
 * @returns {string}
 */
function list(values) {
  return values.map((value) => fixed(value, 3)).join(", ");
}

/**
 * @param {number | null | undefined} value
 * @returns {string}
 */
function measured(value) {
  return value === null || value === undefined ? NOT_YET : fixed(value, 4);
}

/**
 * @param {Desk} desk
 * @returns {import("./numbers.js").Thirteen} the numbers of the run
 */
function held(desk) {
  return thirteen(desk.held);
}
