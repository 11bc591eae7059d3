// The 2×2 world computed once more, in f64 and from the formulas alone, and short ways to read it from the page.

import { expect, settled } from "./playground.js";

/** @typedef {{v: number[], c: number[], w: number[], b: number}} Thirteen */
/** @typedef {import("@playwright/test").Page} Page */

/**
 * @param {number} s
 * @returns {number}
 */
export const sigmoid = (s) => 1 / (1 + Math.exp(-s));

/**
 * @param {Thirteen} numbers
 * @param {number[]} x
 * @returns {number} D's score
 */
export const score = ({ w, b }, x) => sigmoid(w.reduce((sum, weight, i) => sum + weight * x[i], b));

/**
 * @param {Thirteen} numbers
 * @param {number} z
 * @returns {number[]} G's picture
 */
export const make = ({ v, c }, z) => v.map((weight, i) => sigmoid(weight * z + c[i]));

/**
 * @param {Thirteen} numbers
 * @param {number[]} face
 * @param {number} z
 * @returns {{real: number, fake: number, generated: number}} D's loss on the face, D's on the fake, G's
 */
export function losses(numbers, face, z) {
  const judged = score(numbers, make(numbers, z));
  return { real: -Math.log(score(numbers, face)), fake: -Math.log(1 - judged), generated: -Math.log(judged) };
}

/** Each number's name and how to change it. */
export const NUMBERS = [
  ...["v", "c", "w"].flatMap((key) => [0, 1, 2, 3].map((i) => ({ sign: `${key}${"₁₂₃₄"[i]}`, key: /** @type {"v" | "c" | "w"} */ (key), i }))),
  { sign: "b", key: /** @type {const} */ ("b"), i: 0 },
];

/**
 * @param {Thirteen} numbers
 * @param {string} sign
 * @param {number} by
 * @returns {Thirteen} a copy with one number moved
 */
export function moved(numbers, sign, by) {
  const copy = { v: [...numbers.v], c: [...numbers.c], w: [...numbers.w], b: numbers.b };
  const found = NUMBERS.find((number) => number.sign === sign);
  if (!found) throw new Error(`there is no ${sign}`);
  if (found.key === "b") copy.b += by;
  else copy[found.key][found.i] += by;
  return copy;
}

/**
 * @param {Thirteen} numbers
 * @param {string} sign
 * @param {(numbers: Thirteen) => number} loss
 * @returns {number} central difference in f64: exact to some 1e-10
 */
export const difference = (numbers, sign, loss) => (loss(moved(numbers, sign, 1e-4)) - loss(moved(numbers, sign, -1e-4))) / 2e-4;

/**
 * One update of one player.
 * @param {Thirteen} numbers
 * @param {"real" | "fake" | "generated"} part
 * @param {number[]} face
 * @param {number} z
 * @returns {Thirteen}
 */
export function updated(numbers, part, face, z) {
  const signs = NUMBERS.map(({ sign }) => sign).filter((sign) => (part === "generated") === /^[vc]/.test(sign));
  return signs.reduce((now, sign) => moved(now, sign, -0.01 * difference(numbers, sign, (at) => losses(at, face, z)[part])), numbers);
}

/**
 * Opens a chapter and waits for what the worker has to answer for it.
 * @param {Page} page
 * @param {number} chapter
 */
export async function openChapter(page, chapter) {
  await page.getByRole("navigation", { name: "Chapters" }).getByRole("link").nth(chapter - 1).click();
  await expect(page.getByRole("heading", { level: 2, name: new RegExp(`^${chapter}\\. `) })).toBeVisible();
  if (chapter === 3) await expect(page.getByText("pictures are faces by your rule.")).toBeVisible();
  if (chapter === 4) await expect(page.getByText("Largest gap between the engine’s slopes and the differences")).toBeVisible();
  if (chapter === 5) await expect(page.getByRole("list", { name: "What G makes of z from 0 to 1" }).getByRole("listitem")).toHaveCount(11);
  await settled(page);
}

/**
 * @param {import("@playwright/test").Locator} locator
 * @returns {Promise<number[]>} all numbers shown in `data` elements
 */
export async function numbersIn(locator) {
  return (await locator.locator("data").allTextContents()).map(Number);
}

/**
 * @param {import("@playwright/test").Locator} table
 * @returns {Promise<{name: string, label: string, text: string, numbers: number[]}[]>} its rows: row header, name of a picture in it, all text, numbers
 */
export async function rowsOf(table) {
  return table.locator("tbody tr").evaluateAll((rows) => rows.map((row) => ({
    name: row.querySelector("th")?.textContent ?? "",
    label: row.querySelector("[role=img]")?.getAttribute("aria-label") ?? "",
    text: row.textContent ?? "",
    numbers: Array.from(row.querySelectorAll("data"), (data) => Number(data.textContent)),
  })));
}

/**
 * Opens the form of the thirteen numbers in chapter 5.
 * @param {Page} page
 * @returns {Promise<Thirteen>} the run's numbers, of the latest frame: what a substep or a load changed may come with the next one
 */
export async function heldNumbers(page) {
  const form = page.getByText("Set the thirteen numbers yourself");
  const field = (/** @type {string} */ sign) => page.getByRole("spinbutton", { name: new RegExp(`^${sign},`) });
  if (!(await field("b").isVisible())) {
    await form.click();
    await settled(page); // A form that opens reads the numbers once itself, in a task of its own.
  }
  /** @type {number[]} */
  let values = [];
  await expect(async () => {
    await page.getByRole("button", { name: "Read the numbers of now" }).click();
    const texts = await page.getByRole("spinbutton", { name: /of [GD]$/ }).evaluateAll((fields) => fields.map((one) => /** @type {HTMLInputElement} */ (one).value));
    expect(texts.filter((text) => text !== ""), "fields are empty until the run's first frame").toHaveLength(13);
    values = texts.map(Number);
  }).toPass();
  return { v: values.slice(0, 4), c: values.slice(4, 8), w: values.slice(8, 12), b: values[12] };
}

/**
 * @param {Page} page
 * @param {Thirteen} numbers to train on from
 */
export async function setNumbers(page, numbers) {
  await heldNumbers(page);
  for (const { sign, key, i } of NUMBERS) {
    await page.getByRole("spinbutton", { name: new RegExp(`^${sign},`) }).fill(String(key === "b" ? numbers.b : numbers[key][i]));
  }
  await page.getByRole("button", { name: "Use these numbers" }).click();
  await expect(page.getByText("Your GAN has these numbers now.")).toBeVisible();
}

/**
 * Presses for the next substep and waits for it.
 * @param {Page} page
 * @returns {Promise<{name: string, caption: string, changed: Map<string, {before: number, slope: number, moved: number, after: number}>}>}
 */
export async function nextSubstep(page) {
  const part = page.getByRole("region", { name: "One step, substep by substep" });
  const current = part.locator('[aria-current="step"]');
  const all = part.getByRole("list", { name: "Substeps" });
  const at = () => all.getByRole("listitem").evaluateAll((substeps) => substeps.findIndex((one) => one.getAttribute("aria-current") === "step"));
  const before = await at();
  await page.getByRole("button", { name: "Next substep" }).click();
  await expect.poll(at, { message: "the place in the step" }).toBe((before + 1) % 8);
  await expect(current).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Train", exact: true })).toBeVisible();
  const changed = new Map();
  for (const { name, numbers: [old, slope, by, after] } of await rowsOf(part.getByRole("region", { name: /^Changed numbers of/ }))) {
    changed.set(name, { before: old, slope, moved: by, after });
  }
  return { name: (await current.textContent()) ?? "", caption: (await part.locator(".caption").textContent()) ?? "", changed };
}
