/** The screens' state at one panel and place: made when the station is chosen. */
import { computed, effect, untracked } from "@preact/signals";

import { createAnnouncementStore } from "./announcement/store.js";
import { createCallsStore } from "./calls/store.js";
import { createFeed } from "./calls/feed.js";
import { createUndo } from "./calls/undo.js";
import { isSignedOut } from "./failures.js";
import { createListStore } from "./list/store.js";

/** @import { Desk } from "./desk.js" */
/** @import { Station } from "./station.js" */

/** @param {Desk} desk @param {Station} station */
export function createWorkplace(desk, station) {
  const { api, write, actions, notices, panels, listening } = desk;
  const { panel } = station;
  const feed = createFeed({
    api,
    panel,
    // The banner tells that there is no connection; only a lost key needs more.
    onError: (error) => isSignedOut(error) && actions.fail(error),
  });
  const settings = computed(() => feed.history.value.settings);
  let stopFollowing = () => {};
  const undo = createUndo();
  const calls = createCallsStore({ station, feed, undo, write, actions, notices });
  const announcement = createAnnouncementStore({
    panel,
    panels,
    feed,
    undo,
    write,
    actions,
    notices,
    listening,
  });
  const list = createListStore({ panel, api, write, actions, feed });
  return {
    station,
    feed,
    calls,
    announcement,
    list,
    /** What people call the panel. */
    title: () => panels.settingsOf(panel)?.title ?? panel,
    start() {
      feed.start();
      stopFollowing = effect(() => {
        // Somebody changed the settings: titles and places are shown all over the desk.
        if (settings.value) untracked(panels.refresh);
      });
    },
    stop() {
      stopFollowing();
      feed.stop();
      undo.stop();
      list.stop();
    },
  };
}

/** @typedef {ReturnType<typeof createWorkplace>} Workplace */
