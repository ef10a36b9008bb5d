/** Registers the service worker, under Trusted Types where the browser enforces them. */

const SCRIPT = "/panel/sw.js";

/** @returns {Promise<ServiceWorkerRegistration | null>} null where there can be none */
export async function registerServiceWorker() {
  if (!("serviceWorker" in navigator)) return null;
  try {
    return await navigator.serviceWorker.register(scriptUrl(), { scope: "/panel/" });
  } catch {
    return null;
  }
}

/** @returns {string} the one script address that the page's policy lets through */
function scriptUrl() {
  // eslint-disable-next-line compat/compat -- absent there, and then not enforced either
  const factory = /** @type {any} */ (window).trustedTypes;
  if (!factory) return SCRIPT;
  return factory.createPolicy("ctv", { createScriptURL: onlyTheWorker }).createScriptURL(SCRIPT);
}

/** @param {string} url */
function onlyTheWorker(url) {
  if (url !== SCRIPT) throw new TypeError("not the panel's service worker");
  return url;
}
