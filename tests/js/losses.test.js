import assert from "node:assert/strict";
import { test } from "node:test";
import { equilibria, equilibriaText, isCrossEntropy, lossWords } from "../../www/config/losses.js";

/** @typedef {import("../../src/types.d.ts").LossConfig} LossConfig */

const softplus = (/** @type {number} */ x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * The losses as src/types.d.ts defines them, D giving the same output o to real and generated samples.
 * @param {LossConfig} loss
 * (The relativistic loss is of a pair; half of it stands for each.)
 * @returns {{real: (o: number) => number, fake: (o: number) => number, g: (o: number) => number}}
 */
function formulas(loss) {
  switch (loss.type) {
    case "bce":
    case "bceSaturating": {
      const s = loss.labelSmoothing;
      const real = (/** @type {number} */ o) => (1 - s) * softplus(-o) + s * softplus(o); // cross-entropy with the target 1 - s
      return { real, fake: softplus, g: loss.type === "bce" ? (o) => softplus(-o) : (o) => -softplus(o) };
    }
    case "leastSquares":
      return { real: (o) => (o - 1 + loss.labelSmoothing) ** 2 / 2, fake: (o) => o ** 2 / 2, g: (o) => (o - 1) ** 2 / 2 };
    case "hinge":
      return { real: (o) => Math.max(0, 1 - o), fake: (o) => Math.max(0, 1 + o), g: (o) => -o };
    case "relativistic": {
      const pair = (/** @type {number} */ o) => softplus(o - o);
      return { real: (o) => pair(o) / 2, fake: (o) => pair(o) / 2, g: pair };
    }
    default:
      return { real: (o) => -o, fake: (o) => o, g: (o) => -o };
  }
}

/** @type {LossConfig[]} */
const LOSSES = [
  ...[0, 0.1, 0.3, 0.5].flatMap((labelSmoothing) => /** @type {LossConfig[]} */ ([
    { type: "bce", labelSmoothing }, { type: "bceSaturating", labelSmoothing }, { type: "leastSquares", labelSmoothing },
  ])),
  { type: "hinge" }, { type: "wasserstein", clip: 0.01 }, { type: "wassersteinGp", penalty: 10 },
  { type: "relativistic" },
];

for (const loss of LOSSES) {
  test(`the lines of ${JSON.stringify(loss)} are where the best shared output puts the losses`, () => {
    const { real, fake, g } = formulas(loss);
    let best = { o: 0, d: Infinity };
    for (let o = -5; o <= 5; o += 1e-3) {
      const d = real(o) + fake(o);
      if (d < best.d - 1e-12) best = { o, d };
    }
    for (const scale of [0.5, 1, 2]) {
      const lines = equilibria({ loss, discriminatorLossScale: scale });
      const of = (/** @type {string} */ player) => lines.find((line) => line.of.includes(player))?.value;
      // A grid of 1e-3 around a smooth minimum misses it by 1e-6 at most, and G's slope there is below 1.
      assert.ok(Math.abs(Number(of("D")) - scale * best.d) < 1e-5, `D: ${of("D")}, expected ${scale * best.d}`);
      if (loss.type === "hinge" || loss.type.startsWith("wasserstein")) assert.equal(of("G"), undefined, "minus an output, which may drift");
      else assert.ok(Math.abs(Number(of("G")) - g(best.o)) < 1e-3, `G: ${of("G")}, expected ${g(best.o)}`);
    }
  });
}

test("well-known values go by their names", () => {
  const bce = /** @type {const} */ ({ type: "bce", labelSmoothing: 0 });
  assert.equal(equilibriaText(equilibria({ loss: bce, discriminatorLossScale: 0.5 })), "ln 2 = 0.693 for D and G");
  assert.equal(equilibriaText(equilibria({ loss: bce, discriminatorLossScale: 1 })), "ln 2 = 0.693 for G and 2 ln 2 = 1.386 for D");
  assert.equal(equilibriaText(equilibria({ loss: { type: "hinge" }, discriminatorLossScale: 1 })), "2 for D");
  assert.equal(equilibriaText(equilibria({ loss: { type: "leastSquares", labelSmoothing: 0 }, discriminatorLossScale: 1 })), "0.125 for G and 0.25 for D");
});

test("every loss has its words, and only cross-entropy has probabilities", () => {
  for (const loss of LOSSES) assert.match(lossWords(loss), /^Now: /);
  assert.match(lossWords({ type: "bce", labelSmoothing: 0.1 }), /target 0\.9 /);
  assert.deepEqual(LOSSES.filter(isCrossEntropy).length, 8);
});
