/** The page's access token: kept in this browser, or taken once from the address's `#token=…`. */

/**
 * @param {string} key name in the storage
 * @param {{ storage?: Storage, location?: Location, history?: History }} [parts]
 */
export function createTokenStore(key, parts = {}) {
  const { storage = localStorage, location = window.location, history = window.history } = parts;
  const handed = new URLSearchParams(location.hash.slice(1)).get("token");
  if (handed) {
    storage.setItem(key, handed);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return {
    /** @returns {string | null} */
    get: () => storage.getItem(key),
    /** @param {string} token */
    set: (token) => storage.setItem(key, token),
    clear: () => storage.removeItem(key),
  };
}
