// All weights and biases of networks small enough to be read: one layer each, on pictures of a few pixels.

/** @typedef {import("../../../src/types.d.ts").NamedTensor} NamedTensor */
/** @typedef {import("../../../src/types.d.ts").SampleShape} SampleShape */

const ROWS = ["top", "bottom"];
const COLUMNS = ["left", "right"];

/** Tables of the numbers of both players, laid out as the picture is. */
export class ParametersView {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {Map<string, HTMLElement[]>} cells by network and tensor name */
    this.cells = new Map();
  }

  /**
   * @param {NamedTensor[]} tensors of a generator z → pixels and a discriminator pixels → logit, one linear layer each
   * @param {SampleShape} shape
   */
  show(tensors, shape) {
    if (this.cells.size === 0) this.#build(shape);
    for (const { network, name, values } of tensors) {
      this.cells.get(`${network}.${name}`)?.forEach((cell, i) => write(cell, values[i]));
    }
  }

  clear() {
    for (const cells of this.cells.values()) for (const cell of cells) cell.textContent = "–";
  }

  /** @param {SampleShape} shape */
  #build(shape) {
    this.element.replaceChildren(
      heading("The generator’s 8 numbers"),
      paragraph("pixel = sigmoid(weight × z + bias)"),
      row(this.#table("generator.0.weight", "weight, times z", shape), this.#table("generator.0.bias", "bias", shape)),
      heading("The discriminator’s 5 numbers"),
      paragraph("D(picture) = sigmoid(sum of weight × pixel, + bias)"),
      row(this.#table("discriminator.0.weight", "weight of the pixel", shape), this.#single("discriminator.0.bias", "bias")),
    );
  }

  /**
   * @param {string} key
   * @param {string} caption
   * @param {SampleShape} shape
   * @returns {HTMLTableElement}
   */
  #table(key, caption, shape) {
    const table = document.createElement("table");
    table.className = "pixels";
    table.createCaption().textContent = caption;
    const head = table.createTHead().insertRow();
    head.append(document.createElement("td"), ...Array.from({ length: shape.width }, (_, x) => header(COLUMNS[x] ?? String(x), "col")));
    const body = table.createTBody();
    /** @type {HTMLElement[]} */
    const cells = [];
    for (let y = 0; y < shape.height; y++) {
      const line = body.insertRow();
      line.append(header(ROWS[y] ?? String(y), "row"));
      for (let x = 0; x < shape.width; x++) cells.push(line.insertCell());
    }
    this.#keep(key, cells);
    return table;
  }

  /**
   * @param {string} key
   * @param {string} caption
   * @returns {HTMLTableElement}
   */
  #single(key, caption) {
    const table = document.createElement("table");
    table.className = "pixels single";
    table.createCaption().textContent = caption;
    const cell = table.createTBody().insertRow().insertCell();
    this.#keep(key, [cell]);
    return table;
  }

  /**
   * @param {string} key
   * @param {HTMLElement[]} cells
   */
  #keep(key, cells) {
    cells.forEach((cell, i) => {
      cell.dataset.parameter = `${key}.${i}`;
      cell.textContent = "–";
    });
    this.cells.set(key, cells);
  }
}

/**
 * @param {HTMLElement} cell
 * @param {number} value
 */
function write(cell, value) {
  cell.textContent = value.toFixed(3);
  cell.classList.toggle("negative", value < 0);
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

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
function heading(text) {
  const element = document.createElement("h3");
  element.textContent = text;
  return element;
}

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
function paragraph(text) {
  const element = document.createElement("p");
  element.className = "formula";
  element.textContent = text;
  return element;
}

/**
 * @param {...HTMLElement} children
 * @returns {HTMLElement}
 */
function row(...children) {
  const element = document.createElement("div");
  element.className = "tables";
  element.append(...children);
  return element;
}
