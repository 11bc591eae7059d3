// Training in the 2×2 world: substeps against the reference run, epochs, speeds, the notebook's numbers.

import { readFileSync } from "node:fs";
import { expect, expectToShow, test } from "./playground.js";
import { heldNumbers, losses, make, nextSubstep, NUMBERS, rowsOf, score, setNumbers, updated } from "./toy.js";

/**
 * @param {string} name
 * @returns {any} a reference run
 */
const fixture = (name) => JSON.parse(readFileSync(new URL(`../fixtures/toy/${name}.json`, import.meta.url), "utf8"));

/**
 * @param {any} parameters as a fixture has them
 * @returns {import("./toy.js").Thirteen}
 */
const thirteen = ({ g_weights: v, g_biases: c, d_weights: w, d_bias: b }) => ({ v, c, w, b });

/**
 * @param {import("./toy.js").Thirteen} actual
 * @param {import("./toy.js").Thirteen} expected
 * @param {number} tolerance
 */
function expectClose(actual, expected, tolerance) {
  for (const { sign, key, i } of NUMBERS) {
    const [a, e] = key === "b" ? [actual.b, expected.b] : [actual[key][i], expected[key][i]];
    expect(Math.abs(a - e), `${sign}: ${a}, expected ${e}`).toBeLessThanOrEqual(tolerance);
  }
}

/**
 * Expects the run to hold these numbers, with the next frame at the latest.
 * @param {import("@playwright/test").Page} page
 * @param {import("./toy.js").Thirteen} expected
 * @param {number} tolerance
 */
async function expectHeld(page, expected, tolerance) {
  await expect(async () => expectClose(await heldNumbers(page), expected, tolerance)).toPass();
}

test("substeps from the notebook's start: each changes what it says, locks the other player, and ends where the reference does", async ({ playground, page }) => {
  const reference = fixture("fixture_seed42");
  await playground.open("#mode=toy&chapter=5");
  await playground.isReady();
  await page.getByRole("button", { name: "Only load its start" }).click();
  await expect(page.getByText("Loaded: the notebook’s 13 start values")).toBeVisible();
  let numbers = thirteen(reference.init);
  await expectHeld(page, numbers, 1e-7);
  for (const step of [1, 2]) {
    const [face, z] = [reference.faces[step - 1], reference.z[step - 1]];
    const expected = [
      { name: "A real face" }, { name: "D judges it", text: () => `D(x) = ${score(numbers, face).toFixed(4)}` }, { name: "D learns", part: "real", player: "Discriminator" },
      { name: "Pick z", text: () => `z = ${z.toFixed(4)}` }, { name: "G makes a fake" },
      { name: "D judges it", text: () => `D(x′) = ${score(numbers, make(numbers, z)).toFixed(4)}` },
      { name: "D learns", part: "fake", player: "Discriminator" }, { name: "G learns", part: "generated", player: "Generator" },
    ];
    for (const { name, text, part, player } of expected) {
      const seen = await nextSubstep(page);
      expect(seen.name).toBe(name);
      if (text) expect(seen.caption).toContain(text());
      expect(seen.changed.size > 0).toBe(part !== undefined);
      if (!part) continue;
      const kind = /** @type {"real" | "fake" | "generated"} */ (part);
      expect(seen.caption).toContain(losses(numbers, face, z)[kind].toFixed(4));
      const after = updated(numbers, kind, face, z);
      for (const { sign, key, i } of NUMBERS) {
        const row = seen.changed.get(sign);
        if (!row) continue; // It had no slope: a pixel without ink.
        const [old, now] = key === "b" ? [numbers.b, after.b] : [numbers[key][i], after[key][i]];
        // Six decimals are shown, and f32 holds a number near 1 to 6e-8.
        for (const [shown, want] of [[row.before, old], [row.after, now], [row.moved, now - old], [row.slope, (old - now) / 0.01]]) expect(Math.abs(shown - want), sign).toBeLessThan(2e-6);
      }
      numbers = after;
      const locked = player === "Generator" ? "locked: 0 of 5 changed" : "locked: 0 of 8 changed";
      await expect(page.getByText(locked)).toBeVisible();
      await expect(page.getByRole("heading", { level: 4, name: new RegExp(`^${player} learns: [1-8] of`) })).toBeVisible();
    }
    await expect(playground.metric("step")).toHaveText(String(step));
    await expectHeld(page, thirteen(reference.checkpoints[step]), reference.checkpoints[step].f32_param_tolerance);
  }
  for (let step = 3; step <= 5; step++) await playground.step("Step", 1); // Whole steps take the notebook's z's too.
  await expectHeld(page, thirteen(reference.checkpoints["5"]), reference.checkpoints["5"].f32_param_tolerance);
});

test("substeps in the order of the text, from a start and z's of my own", async ({ playground, page }) => {
  await playground.open("#mode=toy&chapter=5&seed=5");
  await playground.isReady();
  await page.getByLabel("Order of a step").selectOption({ index: 1 });
  await expect(page.getByRole("list", { name: "Substeps" }).getByRole("listitem").first()).toHaveText("Pick z");
  await playground.isReady();
  await expect(page).toHaveURL(/preset=toy-2x2-fake-first/);
  let numbers = { v: [0.5, -0.25, 1.5, -0.75], c: [-1, 0.25, 0.5, 2], w: [-0.5, 1.25, 0.75, -1], b: 0.125 };
  await setNumbers(page, numbers);
  await page.getByRole("checkbox", { name: "my own z" }).check();
  const face = [1, 0, 0, 1];
  for (const [z, real] of /** @type {const} */ ([[0.875, face], [0.0625, [0.9, 0.1, 0.2, 0.8]]])) {
    await page.getByRole("spinbutton", { name: "My z" }).fill(String(z));
    const names = [];
    for (let i = 0; i < 8; i++) names.push((await nextSubstep(page)).name);
    expect(names).toEqual(["Pick z", "G makes a fake", "D judges it", "D learns", "G learns", "A real face", "D judges it", "D learns"]);
    for (const part of /** @type {const} */ (["fake", "generated", "real"])) numbers = updated(numbers, part, [...real], z);
    await expectHeld(page, numbers, 1e-6); // as the fixtures' first steps
  }
});

test("Step completes a step that was begun; an epoch is a step for each face; the arrow key does as the button", async ({ playground, page }) => {
  await playground.open("#mode=toy&chapter=5&seed=3");
  await playground.isReady();
  for (let i = 0; i < 3; i++) await nextSubstep(page);
  await playground.step("Step", 1);
  const inSubsteps = await heldNumbers(page);
  await page.getByRole("button", { name: "One epoch" }).click();
  await expect(playground.metric("step")).toHaveText("5");
  await expect(playground.metric("epoch")).toHaveText("1.00");
  await page.getByRole("button", { name: "One epoch" }).click();
  await expect(playground.metric("step")).toHaveText("10");
  await page.getByRole("button", { name: "Next substep" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator('[aria-current="step"]')).toHaveText("A real face");
  await playground.button("Reset").click();
  await expect(playground.metric("step")).toHaveText("0");
  await playground.isReady();
  await playground.step("Step", 1);
  expect(await heldNumbers(page), "in substeps or whole, the same bits").toEqual(inSubsteps);
});

test("it trains as slowly as it is told to, and the speed stays after a reset", async ({ playground, page }) => {
  await playground.open("#mode=toy&chapter=5");
  await playground.isReady();
  await page.getByLabel("Speed of Train").selectOption("10 steps a second");
  await expectSpeed();
  await playground.pause();
  await playground.button("Reset").click();
  await playground.isReady();
  await expectSpeed();
  await page.getByLabel("Speed of Train").selectOption("as fast as it goes");
  await playground.reachesStep(500);

  /** From the press of Train on, before which no step was taken: a figure that comes late then makes it slower, never faster. */
  async function expectSpeed() {
    await expect(playground.metric("step")).toHaveText("0");
    const start = Date.now();
    await playground.button("Train").click();
    await playground.reachesStep(20);
    const speed = (await playground.figure("step")) / ((Date.now() - start) / 1000);
    expect(speed).toBeGreaterThan(4); // A busy machine may be late, but never early.
    expect(speed).toBeLessThan(12);
  }
});

test("the notebook's numbers come out within 1e-5, in less than a second", async ({ playground, page }) => {
  await playground.open("#mode=toy&chapter=5&lrG=0.5");
  await playground.isReady();
  const result = page.getByRole("region", { name: "Match the notebook" });
  let seconds = Infinity;
  for (let i = 0; i < 3 && seconds >= 1; i++) { // Another chance for a machine that is busy with other things.
    await expectToShow(result, "Taking 5,000 steps", () => page.getByRole("button", { name: "Match the notebook" }).click());
    await expect(result).toContainText("They match.");
    seconds = Number(await result.locator('[data-notebook="seconds"]').textContent());
  }
  await expect(playground.metric("step")).toHaveText("5000");
  await expect(playground.metric("epoch")).toHaveText("1000.00");
  const printed = fixture("fixture_seed42").notebook_printed;
  const expected = [...printed.g_weights, ...printed.g_biases, ...printed.d_weights, printed.d_bias, ...printed.images.flat()];
  const rows = await rowsOf(result.getByRole("region", { name: "The notebook’s numbers and ours" }));
  expect(rows.length).toBe(expected.length);
  for (const [i, { numbers: [theirs, here] }] of rows.entries()) {
    expect(theirs).toBeCloseTo(expected[i], 8);
    expect(Math.abs(here - expected[i])).toBeLessThanOrEqual(1e-5);
  }
  test.info().annotations.push({ type: "5,000 steps", description: `${seconds} s` });
  expect(seconds).toBeLessThan(1);
  // The errors end where the reference has them, and the notebook's own plot is an option that says why it is wrong.
  await page.getByRole("checkbox", { name: "also what the notebook plots" }).check();
  await expect(page.getByText("The notebook’s plot of D’s error is not the error.")).toBeVisible();
  await expect(page.getByRole("img", { name: "The errors over the steps" }).getByText("notebook")).toBeVisible();
});

test("D's map and G's pictures are those of the numbers held", async ({ playground, page }) => {
  await playground.open("#mode=toy&chapter=5&seed=9");
  await playground.isReady();
  await playground.step("Step", 1);
  const numbers = await heldNumbers(page);
  const corner = (/** @type {number[]} */ x) => score(numbers, x).toFixed(2);
  await expect(page.getByRole("img", { name: `D over the two diagonals: ${corner([1, 0, 0, 1])} for ink on the dark diagonal only, ${corner([0, 0, 0, 0])} for white, ${corner([1, 1, 1, 1])} for black, ${corner([0, 1, 1, 0])}` })).toBeVisible();
  const row = page.getByRole("list", { name: "What G makes of z from 0 to 1" }).getByRole("listitem");
  for (const i of [0, 10]) {
    await expect(row.nth(i).getByRole("img")).toHaveText(make(numbers, i / 10).map((value) => value.toFixed(2)).join(""));
    await expect(row.nth(i)).toContainText(`D ${score(numbers, make(numbers, i / 10)).toFixed(2)}`);
  }
});
