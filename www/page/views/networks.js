// Tables of both networks' layers and parameter counts.

import { el, headerCell } from "../../dom.js";

/** @typedef {import("../../../src/types.d.ts").NetworkInfo} NetworkInfo */

/**
 * @param {HTMLElement} area
 * @param {import("../../../src/types.d.ts").SessionInfo} info
 */
export function showNetworks(area, info) {
  area.replaceChildren(table("Generator", info.generator), table("Discriminator", info.discriminator));
}

/**
 * @param {string} player
 * @param {NetworkInfo} network
 * @returns {HTMLTableElement}
 */
function table(player, network) {
  const made = el("table", { class: "layers" }, el("caption", {}, player),
    el("thead", {}, el("tr", {}, headerCell("Layer", "col"), headerCell("Parameters", "col"))),
    el("tbody", {}, ...network.layers.map(({ label, parameters }) => row(label, parameters))),
    el("tfoot", {}, row("Total", network.parameters)),
  );
  if (network.trainableParameters !== network.parameters) made.tFoot?.append(row("of them trained", network.trainableParameters));
  return made;
}

/**
 * @param {string} label
 * @param {number} count
 * @returns {HTMLTableRowElement}
 */
function row(label, count) {
  return el("tr", {}, headerCell(label, "row"), el("td", {}, count.toLocaleString("en")));
}
