import assert from "node:assert/strict";
import { test } from "node:test";
import { HISTORY_CAPACITY, LossHistory } from "../../www/worker/history.js";
import { smoothed } from "../../www/page/views/chart.js";

test("a short run is kept step by step", () => {
  const history = new LossHistory(8);
  for (let step = 1; step <= 8; step++) history.add(step, step, -step);
  const { step, lossD, lossG } = history.columns();
  assert.deepEqual([...step], [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual([...lossD], [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual([...lossG], [-1, -2, -3, -4, -5, -6, -7, -8]);
});

test("a longer run is averaged over spans of equal length", () => {
  const history = new LossHistory(4);
  for (let step = 1; step <= 9; step++) history.add(step, step, 0);
  // Spans of 4 steps: the means of 1..4, 5..8, and 9 alone.
  const { step, lossD } = history.columns();
  assert.deepEqual([...step], [4, 8, 9]);
  assert.deepEqual([...lossD], [2.5, 6.5, 9]);
});

test("a million steps take no more room than the capacity, and keep their mean", () => {
  const history = new LossHistory();
  const steps = 1_000_000;
  let sum = 0;
  for (let step = 1; step <= steps; step++) {
    const loss = Math.sin(step);
    sum += loss;
    history.add(step, loss, null);
  }
  const { step, lossD } = history.columns();
  assert.ok(step.length <= HISTORY_CAPACITY && step.length >= HISTORY_CAPACITY / 2, `${step.length} points`);
  assert.equal(step.at(-1), steps);
  const width = step[1] - step[0];
  const total = lossD.reduce((all, mean, i) => all + mean * (i === 0 ? step[0] : Math.min(width, step[i] - step[i - 1])), 0);
  assert.ok(Math.abs(total - sum) < 0.01); // the means are stored as f32, one million of them weighted
});

test("steps of one player alone leave a gap in the other's curve", () => {
  const history = new LossHistory(4);
  history.add(0, 0.7, null);
  history.add(0, 0.5, null);
  assert.deepEqual([...history.columns().step], [0]);
  assert.ok(Math.abs(history.columns().lossD[0] - 0.6) < 1e-6);
  assert.ok(Number.isNaN(history.columns().lossG[0]));
});

test("a jump far ahead still fits", () => {
  const history = new LossHistory(4);
  history.add(1, 1, 1);
  history.add(1000, 3, 3);
  const { step, lossD } = history.columns();
  assert.deepEqual([...step], [256, 1000]);
  assert.deepEqual([...lossD], [1, 3]);
});

test("columns are copies: what is transferred to the page does not take the history along", () => {
  const history = new LossHistory(4);
  history.add(1, 1, 1);
  structuredClone(history.columns(), { transfer: [history.columns().lossD.buffer] });
  history.add(2, 2, 2);
  assert.deepEqual([...history.columns().lossD], [1, 2]);
});

test("smoothing is a mean at first, follows slowly later and keeps gaps", () => {
  assert.deepEqual(smoothed([1, null, 2, 3]), [1, null, 1.5, 2]);
  const jump = smoothed([...Array(50).fill(0), 1]).at(-1);
  assert.ok(Math.abs(/** @type {number} */ (jump) - 0.1) < 1e-12); // one step of weight 0.1
});
