// Errors in words, and the error of a case that cannot happen. Page, worker and the rest use these two.

/**
 * @param {unknown} error anything that was thrown
 * @returns {string} its message; with its name in front, unless it is a DataError, whose message is written for people
 */
export function messageOf(error) {
  if (!(error instanceof Error)) return String(error);
  return error.name === "DataError" ? error.message : `${error.name}: ${error.message}`;
}

/**
 * Ends a `switch` whose cases are all there: its type check fails where one is forgotten.
 * @param {never} value
 * @returns {never}
 */
export function unreachable(value) {
  throw new TypeError(`nothing handles ${JSON.stringify(value)}`);
}
