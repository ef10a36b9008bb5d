/** Telling a refused token from a bad network. */

import { ApiError } from "../../shared/api.js";

/**
 * @param {unknown} error
 * @returns {boolean} whether the API itself refused the token; a proxy's log-in page does not unpair a TV
 */
export function isRefused(error) {
  return error instanceof ApiError && error.status === 401 && error.problem !== null;
}
