// A number that is dragged by pointer or by touch, or moved by keys. To a screen reader the element is a slider.

/**
 * @typedef {object} SliderOptions
 * @property {string} label
 * @property {number} min
 * @property {number} max
 * @property {number} step of an arrow key
 * @property {() => number} get
 * @property {(value: number) => void} set called with a value in the range, rounded to a fifth of a step
 */

/** Way of a pointer over the whole range, px. */
const DRAG_LENGTH = 160;

/**
 * @param {HTMLElement | SVGElement} element
 * @param {SliderOptions} options
 * @returns {() => void} shows the value; to be called when it has changed
 */
export function makeSlider(element, { label, min, max, step, get, set }) {
  const digits = step >= 1 ? 0 : 2;
  const write = (/** @type {number} */ value) => {
    const fine = step / 5;
    const rounded = Math.min(max, Math.max(min, Math.round(value / fine) * fine));
    set(Number(rounded.toFixed(4)));
    show();
  };
  const show = () => {
    element.setAttribute("aria-valuenow", String(Number(get().toFixed(4))));
    element.setAttribute("aria-valuetext", get().toFixed(digits));
  };
  element.setAttribute("role", "slider");
  element.setAttribute("tabindex", "0");
  element.setAttribute("aria-label", label);
  element.setAttribute("aria-valuemin", String(min));
  element.setAttribute("aria-valuemax", String(max));
  element.classList.add("slider");
  element.addEventListener("keydown", (event) => {
    const target = keyTarget(/** @type {KeyboardEvent} */ (event).key, get(), { min, max, step });
    if (target === null) return;
    event.preventDefault();
    event.stopPropagation();
    write(target);
  });
  element.addEventListener("pointerdown", (event) => {
    const down = /** @type {PointerEvent} */ (event);
    down.preventDefault();
    element.focus();
    element.setPointerCapture(down.pointerId);
    const from = get();
    const move = (/** @type {Event} */ moved) => {
      const by = down.clientY - /** @type {PointerEvent} */ (moved).clientY; // Dragging up raises it.
      if (by !== 0) write(from + (by / DRAG_LENGTH) * (max - min));
    };
    element.addEventListener("pointermove", move);
    const stop = () => element.removeEventListener("pointermove", move);
    element.addEventListener("pointerup", stop, { once: true });
    element.addEventListener("pointercancel", stop, { once: true });
  });
  // Without this the page scrolls under the finger: browsers do not heed touch-action within a drawing (SVG).
  element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  show();
  return show;
}

/**
 * @param {string} key
 * @param {number} value
 * @param {{min: number, max: number, step: number}} range
 * @returns {number | null} where the key leads; null: a slider does not use that key
 */
export function keyTarget(key, value, { min, max, step }) {
  switch (key) {
    case "ArrowUp":
    case "ArrowRight":
      return Math.min(max, value + step);
    case "ArrowDown":
    case "ArrowLeft":
      return Math.max(min, value - step);
    case "PageUp":
      return Math.min(max, value + 4 * step);
    case "PageDown":
      return Math.max(min, value - 4 * step);
    case "Home":
      return min;
    case "End":
      return max;
    default:
      return null;
  }
}
