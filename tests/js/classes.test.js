import assert from "node:assert/strict";
import { test } from "node:test";
import { classesText, normalised, parseClasses } from "../../www/config/classes.js";
import { datasetText } from "../../www/page/views/figures.js";

const DIGITS = Array.from({ length: 10 }, (_, i) => String(i));

test("classes are read in any order, each once; all of them are no choice", () => {
  assert.deepEqual(parseClasses("8, 3,3", 10), { classes: [3, 8] });
  assert.deepEqual(parseClasses("1,0", 2), { classes: null });
  assert.deepEqual(normalised([2, 0], 3), [0, 2]);
});

for (const text of ["", ",", "3,", "a", "1.5", "-1", "10", "1e0", "NaN"]) {
  test(`classes=${text} is refused`, () => assert.match(/** @type {any} */ (parseClasses(text, 10)).error, /0 to 9/));
}

test("the figure of the data says which classes are trained on", () => {
  const dataset = { name: "MNIST", available: 11982, total: 60000, received: 60000, loading: false, failures: [], own: false, classes: DIGITS };
  assert.equal(datasetText({ ...dataset, chosen: [3, 8] }), "MNIST, 3 and 8: 11,982 of 60,000 images");
  assert.equal(datasetText({ ...dataset, available: 60000, chosen: null }), "MNIST, 60,000 of 60,000 images");
  assert.equal(classesText(DIGITS, [7]), "7");
  assert.equal(classesText(["T-shirt/top", "Trouser", "Bag"], [0, 1, 2]), "T-shirt/top, Trouser and Bag");
  assert.equal(classesText(DIGITS, [0, 1, 2, 3, 4]), "5 of 10 classes");
});
