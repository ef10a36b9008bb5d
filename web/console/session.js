/** The desk's access key: for as long as the tab lives, or kept in this browser on request. */
import { signal } from "@preact/signals";

import { createTokenStore } from "../shared/token.js";
import { createApi } from "../shared/api.js";
import { desk } from "../shared/strings.js";
import { failureWords } from "./failures.js";

const KEY = "ctv.console.token";

/**
 * @param {{ brief?: Storage, kept?: Storage, send?: typeof fetch }} [parts]
 */
export function createSession({ brief = sessionStorage, kept = localStorage, send } = {}) {
  // The first store takes a key handed over in the address: it stays with the tab.
  const tab = createTokenStore(KEY, { storage: brief });
  const browser = createTokenStore(KEY, { storage: kept });
  const token = signal(tab.get() ?? browser.get());
  const problem = signal("");
  const entering = signal(false);

  /**
   * Ask the API whether the key is an operator's, then keep it.
   *
   * @param {string} key
   * @param {boolean} remember
   */
  async function enter(key, remember) {
    if (entering.value) return;
    entering.value = true;
    problem.value = "";
    try {
      const api = createApi({ token: () => key, ...(send ? { fetch: send } : {}) });
      await api.request("GET", "/v1/panels");
      (remember ? browser : tab).set(key);
      token.value = key;
    } catch (error) {
      problem.value = failureWords(error, { 401: desk.signIn.wrong });
    } finally {
      entering.value = false;
    }
  }

  /** @param {string} [why] said on the sign-in screen */
  function leave(why = "") {
    tab.clear();
    browser.clear();
    problem.value = why;
    token.value = null;
  }

  return { token, problem, entering, enter, leave };
}

/** @typedef {ReturnType<typeof createSession>} Session */
