// Words about samples drawn on demand: what was asked for, what D makes of them, and what the judge takes them for. Pure.

/** Longest number that is written. */
export const MOST_DIGITS = 12;

/**
 * @param {string} text as typed
 * @returns {{digits: number[]} | {error: string}}
 */
export function parseDigits(text) {
  const trimmed = text.replace(/[\s.,']/g, "");
  if (trimmed === "") return { error: "Type a number, such as 2026." };
  if (!/^\d+$/.test(trimmed)) return { error: `“${text.trim()}” is not made of digits only; type a number, such as 2026.` };
  if (trimmed.length > MOST_DIGITS) return { error: `That are ${trimmed.length} digits; ${MOST_DIGITS} fit.` };
  return { digits: Array.from(trimmed, Number) };
}

/**
 * @param {string} name of a class
 * @returns {string} "a 7", "an 8", "an ankle boot"; a plural such as "sandals" has none in these data but trousers
 */
export function withArticle(name) {
  const word = /^\d+$/.test(name) ? name : name.toLowerCase().replace("t-shirt/top", "T-shirt or top");
  return `${/^(8|11|18|[aeio])/.test(word) ? "an" : "a"} ${word}`;
}

/**
 * @param {number} score D's, 0 to 1
 * @returns {string} what D makes of it
 */
export function scoreWords(score) {
  if (score >= 0.6) return "D takes it for real";
  if (score > 0.4) return "D cannot tell it from a real one";
  return "D takes it for a fake";
}

/**
 * @param {ArrayLike<number>} probabilities of each class
 * @returns {{label: number, probability: number}} the likeliest
 */
export function likeliest(probabilities) {
  let label = 0;
  for (let i = 1; i < probabilities.length; i++) if (probabilities[i] > probabilities[label]) label = i;
  return { label, probability: probabilities[label] };
}

/**
 * @param {object} drawn
 * @param {readonly number[]} drawn.labels classes that were asked for
 * @param {Float32Array} drawn.scores D's
 * @param {Float32Array | null} drawn.classes probability of each class for each sample, by the judge; null: there is no judge
 * @param {readonly string[]} names of the classes
 * @returns {string} for people
 */
export function drawnWords({ labels, scores, classes }, names) {
  const of = (/** @type {number} */ i) => likeliest(/** @type {Float32Array} */ (classes).subarray(i * names.length, (i + 1) * names.length));
  if (labels.length === 1) {
    const asked = `You asked for ${withArticle(names[labels[0]])}.`;
    const d = `${scoreWords(scores[0])}: score ${scores[0].toFixed(2)}.`;
    if (!classes) return `${asked} ${d} The judge has no opinion of it.`;
    const { label, probability } = of(0);
    const same = label === labels[0] ? " too" : "";
    return `${asked} ${d} The judge sees ${withArticle(names[label])}${same}, ${percent(probability)} sure.`;
  }
  const asked = `You asked for ${labels.map((label) => names[label]).join("")}.`;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const d = `D’s scores are ${Array.from(scores, (score) => score.toFixed(2)).join(", ")}, ${mean.toFixed(2)} on average.`;
  if (!classes) return `${asked} ${d} The judge has no opinion of it.`;
  const read = labels.map((_, i) => of(i).label);
  const right = read.every((label, i) => label === labels[i]);
  return `${asked} ${d} The judge reads ${read.map((label) => names[label]).join("")}${right ? ", too" : ""}.`;
}

/**
 * @param {number} share 0 to 1
 * @returns {string} "98 %", and never 100 where it is less
 */
export function percent(share) {
  if (share > 0.99 && share < 1) return "more than 99 %";
  return `${Math.round(100 * share)} %`;
}
