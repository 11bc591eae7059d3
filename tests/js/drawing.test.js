import assert from "node:assert/strict";
import { test } from "node:test";
import { drawnWords, likeliest, parseDigits, percent, scoreWords, withArticle } from "../../www/config/drawing.js";

const DIGITS = Array.from({ length: 10 }, (_, i) => String(i));

/**
 * @param {number[]} seen the class that the judge sees in each
 * @param {number} probability
 * @returns {Float32Array}
 */
function opinion(seen, probability) {
  return Float32Array.from(seen.flatMap((label) => DIGITS.map((_, i) => (i === label ? probability : (1 - probability) / 9))));
}

test("a number is read as people type it", () => {
  assert.deepEqual(parseDigits(" 2026 "), { digits: [2, 0, 2, 6] });
  assert.deepEqual(parseDigits("1,000.5"), { digits: [1, 0, 0, 0, 5] });
  assert.deepEqual(parseDigits("007"), { digits: [0, 0, 7] });
  for (const [text, words] of /** @type {[string, RegExp][]} */ ([
    ["", /Type a number/], ["  ", /Type a number/], ["seven", /“seven” is not made of digits/], ["-3", /“-3”/], ["1234567890123", /13 digits; 12 fit/],
  ])) {
    const parsed = parseDigits(text);
    assert.match("error" in parsed ? parsed.error : "", words);
  }
});

test("things have their articles", () => {
  const words = ["7", "8", "Ankle boot", "T-shirt/top", "Sneaker"].map(withArticle);
  assert.deepEqual(words, ["a 7", "an 8", "an ankle boot", "a T-shirt or top", "a sneaker"]);
});

test("D's score has its words", () => {
  assert.deepEqual([0.95, 0.5, 0.05].map(scoreWords), ["D takes it for real", "D cannot tell it from a real one", "D takes it for a fake"]);
});

test("one drawing is told with D's score and the judge's opinion", () => {
  const drawn = { labels: [7], scores: Float32Array.of(0.53), classes: opinion([7], 0.98) };
  assert.equal(drawnWords(drawn, DIGITS), "You asked for a 7. D cannot tell it from a real one: score 0.53. The judge sees a 7 too, 98 % sure.");
  assert.match(drawnWords({ ...drawn, classes: opinion([9], 0.5) }, DIGITS), /The judge sees a 9, 50 % sure\.$/);
  assert.match(drawnWords({ ...drawn, classes: null }, DIGITS), /The judge has no opinion of it\.$/);
});

test("a number is told with what the judge reads", () => {
  const drawn = { labels: [2, 0, 2, 6], scores: Float32Array.of(0.5, 0.25, 0.75, 0.5), classes: opinion([2, 0, 2, 6], 0.9) };
  assert.equal(drawnWords(drawn, DIGITS), "You asked for 2026. D’s scores are 0.50, 0.25, 0.75, 0.50, 0.50 on average. The judge reads 2026, too.");
  assert.match(drawnWords({ ...drawn, classes: opinion([2, 0, 3, 6], 0.9) }, DIGITS), /The judge reads 2036\.$/);
});

test("the likeliest class, and shares as people write them", () => {
  assert.deepEqual(likeliest([0.1, 0.7, 0.2]), { label: 1, probability: 0.7 });
  assert.deepEqual([0, 0.123, 0.985, 0.9999, 1].map(percent), ["0 %", "12 %", "99 %", "more than 99 %", "100 %"]);
});
