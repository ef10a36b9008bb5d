/** The screens' state at one panel and place: made when the station is chosen. */
import { createCallsStore } from "./calls/store.js";
import { createFeed } from "./calls/feed.js";
import { isSignedOut } from "./failures.js";

/** @import { Desk } from "./desk.js" */
/** @import { Station } from "./station.js" */

/** @param {Desk} desk @param {Station} station */
export function createWorkplace(desk, station) {
  const { api, write, actions, notices } = desk;
  const { panel } = station;
  const feed = createFeed({
    api,
    panel,
    // The banner tells that there is no connection; only a lost key needs more.
    onError: (error) => isSignedOut(error) && actions.fail(error),
  });
  const calls = createCallsStore({ station, feed, write, actions, notices });
  return {
    station,
    feed,
    calls,
    start: feed.start,
    stop() {
      feed.stop();
      calls.stop();
    },
  };
}

/** @typedef {ReturnType<typeof createWorkplace>} Workplace */
