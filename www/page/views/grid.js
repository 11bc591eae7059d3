// Draws samples as a grid of crisp pixels: enlarged without smoothing, by a whole number of device pixels wherever that fills the room.

/** @typedef {import("../../../src/types.d.ts").SampleShape} SampleShape */
/** @typedef {import("../../protocol.d.ts").Mode["palette"]} Palette */

/** Width of a sample below which each of its pixels is drawn as wide as this, so that the gaps between samples stay fine. */
const FEW_PIXELS = 8;

/** Share of the room that a whole factor must fill to be taken. */
const FILLS = 0.85;

/** A canvas that shows samples in `columns` columns and keeps itself sharp when it changes size. */
export class GridView {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(width: number) => void} [onWidth] called with the width of the picture, CSS pixels, whenever it is another one
   */
  constructor(canvas, onWidth) {
    this.canvas = canvas;
    this.onWidth = onWidth;
    /** @type {{samples: Float32Array, shape: SampleShape, columns: number, palette: Palette} | null} */
    this.content = null;
    this.buffer = document.createElement("canvas");
    new ResizeObserver(() => this.#paint()).observe(/** @type {Element} */ (canvas.parentElement));
  }

  /**
   * @param {Float32Array | null} samples row-major [n, width * height], each in shape.range; null clears the canvas
   * @param {SampleShape} shape
   * @param {number} columns
   * @param {Palette} palette
   */
  show(samples, shape, columns, palette) {
    this.content = { samples: samples ?? new Float32Array(0), shape, columns, palette };
    this.#render();
    this.#paint();
  }

  clear() {
    this.content = null;
    const context = this.canvas.getContext("2d");
    context?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Draws the samples once, at the smallest size that shows their gaps. */
  #render() {
    if (!this.content) return;
    const { samples, shape, columns, palette } = this.content;
    const { width, height } = shape;
    const count = samples.length / (width * height);
    const rows = Math.max(1, Math.ceil(count / columns));
    const dot = width < FEW_PIXELS ? FEW_PIXELS : 1; // buffer pixels for one sample pixel
    const margin = dot > 1 ? 2 : 1;
    const cell = { width: width * dot + 2 * margin, height: height * dot + 2 * margin };
    this.buffer.width = columns * cell.width;
    this.buffer.height = rows * cell.height;
    const context = this.buffer.getContext("2d");
    if (!context) return;
    const image = new ImageData(this.buffer.width, this.buffer.height);
    const pixels = new Uint32Array(image.data.buffer);
    pixels.fill(packed(rgb(palette.gap)));
    const colours = ramp(palette);
    const [low, high] = shape.range;
    for (let sample = 0; sample < count; sample++) {
      const left = (sample % columns) * cell.width + margin;
      const top = Math.floor(sample / columns) * cell.height + margin;
      for (let y = 0; y < height * dot; y++) {
        const source = (sample * height + Math.floor(y / dot)) * width;
        const target = (top + y) * this.buffer.width + left;
        for (let x = 0; x < width * dot; x++) {
          const share = (samples[source + Math.floor(x / dot)] - low) / (high - low);
          pixels[target + x] = colours[Math.max(0, Math.min(255, Math.round(share * 255)))];
        }
      }
    }
    context.putImageData(image, 0, 0);
  }

  /** Enlarges what was rendered. */
  #paint() {
    const { canvas, buffer } = this;
    const room = canvas.parentElement?.clientWidth ?? 0;
    if (!this.content || room === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const fitting = (room * ratio) / buffer.width;
    const factor = Math.floor(fitting) >= FILLS * fitting ? Math.floor(fitting) : fitting;
    const [width, height] = [Math.floor(buffer.width * factor), Math.floor(buffer.height * factor)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${Math.min(width / ratio, room)}px`;
      this.onWidth?.(Math.min(width / ratio, room));
    }
    const context = canvas.getContext("2d");
    if (!context) return;
    context.imageSmoothingEnabled = false;
    context.drawImage(buffer, 0, 0, width, height);
  }
}

/**
 * @param {Palette} palette
 * @returns {Uint32Array} 256 colours from low to high, packed as ImageData has them
 */
function ramp(palette) {
  const [low, high] = [rgb(palette.low), rgb(palette.high)];
  return Uint32Array.from({ length: 256 }, (_, i) => packed(low.map((from, channel) => Math.round(from + ((high[channel] - from) * i) / 255))));
}

/**
 * @param {string} hex "#rrggbb"
 * @returns {number[]} three channels, 0 to 255
 */
function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/**
 * @param {number[]} channels
 * @returns {number} opaque; little-endian, as every machine that runs a browser is
 */
function packed([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
