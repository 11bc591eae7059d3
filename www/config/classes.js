// The choice of classes ("only 3s and 8s"): how a link says it, and how it is said to people. null stands for all classes.

/**
 * @param {string} text as in the link: numbers of classes, "3,8"
 * @param {number} count classes there are; 0: these data have none
 * @returns {{classes: number[] | null} | {error: string}}
 */
export function parseClasses(text, count) {
  if (count === 0) return { error: "these data have no classes to choose from" };
  const numbers = text.split(",").map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : NaN));
  const bad = numbers.findIndex((number) => !(number < count));
  if (bad >= 0) {
    const number = `“${text.split(",")[bad]}” is not the number of a class, 0 to ${count - 1}`;
    return { error: `${number}; several go with commas between them, as in classes=3,8` };
  }
  return { classes: normalised(numbers, count) };
}

/**
 * @param {readonly number[]} classes
 * @param {number} count classes there are
 * @returns {number[] | null} in order, each once; null for all
 */
export function normalised(classes, count) {
  const sorted = [...new Set(classes)].sort((a, b) => a - b);
  return sorted.length === count ? null : sorted;
}

/**
 * @param {readonly string[]} names of all classes
 * @param {ReadonlyArray<number> | null} chosen
 * @returns {string} "3 and 8", "7 of 10 classes"; empty for all
 */
export function classesText(names, chosen) {
  if (chosen === null) return "";
  if (chosen.length > 4) return `${chosen.length} of ${names.length} classes`;
  const words = chosen.map((number) => names[number] ?? String(number));
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
