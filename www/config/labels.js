// Labels in a configuration: switching them on and off, and what they mean, in words. Pure.

import { withValue } from "./edits.js";

/** @typedef {import("../../src/types.d.ts").GanConfig} GanConfig */
/** @typedef {import("../../src/types.d.ts").LabelsConfig} LabelsConfig */

/**
 * @param {number} classes
 * @returns {LabelsConfig} labels as the presets have them
 */
export function usualLabels(classes) {
  return { classes, generator: "oneHot", discriminator: { type: "projection" } };
}

/**
 * Sets how the players hear of labels. D's last layer follows: by projection it has a value for each class beside the one it always has.
 * @param {GanConfig} config
 * @param {LabelsConfig | null} labels
 * @returns {GanConfig} a copy
 */
export function withLabels(config, labels) {
  const before = outputs(config.labels);
  const layers = config.discriminator.layers;
  const last = layers.at(-1);
  const changed = withValue(config, "labels", labels);
  if (last?.type !== "linear" || last.units !== before) return changed; // Not the head that labels would need: the core says what is wrong.
  return withValue(changed, `discriminator.layers[${layers.length - 1}].units`, outputs(labels));
}

/**
 * @param {LabelsConfig | null} labels
 * @returns {number} values that D's last layer gives
 */
function outputs(labels) {
  return labels?.discriminator.type === "projection" ? 1 + labels.classes : 1;
}

/**
 * @param {LabelsConfig | null} labels
 * @returns {string} what these networks know of the classes, for people
 */
export function labelsText(labels) {
  if (!labels) return "Nobody tells these networks the classes: G must find out by itself that there are several, and you cannot ask for one.";
  const { generator, discriminator } = labels;
  if (generator === "off") return "D is told the class of each picture, G is not: it draws what it likes, and you cannot ask for a class.";
  const both = discriminator.type === "off"
    ? "G is told which class to draw, but D does not check it, so nothing makes G obey."
    : "Both networks are told the classes: G which one to draw, D which one a picture is meant to be. So you can ask for one.";
  return `${both} They would not have found the names by themselves; the labels came with the data.`;
}

/**
 * @param {LabelsConfig | null} labels
 * @returns {boolean} whether G can be asked for a class
 */
export function canBeAsked(labels) {
  return labels !== null && labels.generator !== "off";
}
