// Questions that a worker has not answered yet.

/** Matches answers with their questions by number. */
export class Questions {
  #asked = 0;
  /** @type {Map<number, (answer: unknown) => void>} */
  #open = new Map();

  /**
   * @template Answer
   * @returns {{id: number, answer: Promise<Answer | null>}} a new question's number, and a promise of its answer; null: nobody will answer
   */
  open() {
    this.#asked += 1;
    const id = this.#asked;
    /** @type {Promise<Answer | null>} */
    const answer = new Promise((resolve) => this.#open.set(id, /** @type {(answer: unknown) => void} */ (resolve)));
    return { id, answer };
  }

  /**
   * @param {number} id
   * @param {unknown} answer
   */
  settle(id, answer) {
    this.#open.get(id)?.(answer);
    this.#open.delete(id);
  }

  /** Answers every open question with null. */
  giveUp() {
    for (const id of [...this.#open.keys()]) this.settle(id, null);
  }
}
