// What went wrong, in words, with what can be done about it.

/**
 * @typedef {object} Alert
 * @property {string} text
 * @property {{label: string, act: () => void}[]} actions
 */

/** The page's one role="alert". It changes only when its words do, or screen readers would say everything again. */
export class AlertsView {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.shown = "";
  }

  /** @param {Alert[]} alerts */
  show(alerts) {
    const words = JSON.stringify(alerts.map(({ text, actions }) => [text, actions.map((action) => action.label)]));
    if (words === this.shown) return;
    this.shown = words;
    this.element.replaceChildren(...alerts.map(build));
  }
}

/**
 * @param {Alert} alert
 * @returns {HTMLElement}
 */
function build({ text, actions }) {
  const box = document.createElement("div");
  box.className = "alert";
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  for (const { label, act } of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.onclick = act;
    box.append(button);
  }
  return box;
}
