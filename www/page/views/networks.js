// Tables of both networks' layers and parameter counts.

/** @typedef {import("../../../src/types.d.ts").NetworkInfo} NetworkInfo */

/**
 * @param {HTMLElement} element
 * @param {import("../../../src/types.d.ts").SessionInfo} info
 */
export function showNetworks(element, info) {
  element.replaceChildren(table("Generator", info.generator), table("Discriminator", info.discriminator));
}

/**
 * @param {string} player
 * @param {NetworkInfo} network
 * @returns {HTMLTableElement}
 */
function table(player, network) {
  const element = document.createElement("table");
  element.className = "layers";
  element.createCaption().textContent = player;
  const head = element.createTHead().insertRow();
  head.append(header("Layer", "col"), header("Parameters", "col"));
  const body = element.createTBody();
  for (const { label, parameters } of network.layers) fill(body.insertRow(), label, parameters);
  const foot = element.createTFoot();
  fill(foot.insertRow(), "Total", network.parameters);
  if (network.trainableParameters !== network.parameters) fill(foot.insertRow(), "of them trained", network.trainableParameters);
  return element;
}

/**
 * @param {HTMLTableRowElement} row
 * @param {string} label
 * @param {number} count
 */
function fill(row, label, count) {
  row.append(header(label, "row"));
  row.insertCell().textContent = count.toLocaleString("en");
}

/**
 * @param {string} text
 * @param {"row" | "col"} scope
 * @returns {HTMLTableCellElement}
 */
function header(text, scope) {
  const cell = document.createElement("th");
  cell.scope = scope;
  cell.textContent = text;
  return cell;
}
