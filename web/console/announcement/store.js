/** The screen "Anúncio": free words, heard first and then announced. */
import { computed, signal } from "@preact/signals";

import { desk, fill } from "../../shared/strings.js";
import { pathOf } from "../panels/store.js";

/** @import { FeedStore } from "../calls/feed.js" */
/** @import { Undo } from "../calls/undo.js" */
/** @import { Actions, Notices } from "../actions.js" */
/** @import { Listening } from "../listening.js" */
/** @import { PanelsStore } from "../panels/store.js" */
/** @import { Write } from "../writes.js" */

export const TEXT_CHARS_MAX = 1000;
export const LISTENER = "announcement";

/**
 * @param {object} parts
 * @param {string} parts.panel
 * @param {PanelsStore} parts.panels
 * @param {FeedStore} parts.feed
 * @param {Undo} parts.undo
 * @param {Write} parts.write
 * @param {Actions} parts.actions
 * @param {Notices} parts.notices
 * @param {Listening} parts.listening
 */
export function createAnnouncementStore(parts) {
  const { panel, panels, feed, undo, write, actions, notices, listening } = parts;
  const text = signal("");
  const title = () => panels.settingsOf(panel)?.title ?? panel;

  /** @returns {string | null} null when there is nothing to say, which was said */
  function words() {
    const folded = text.value.trim();
    if (!folded) notices.warn(desk.announcement.empty);
    return folded || null;
  }

  async function listen() {
    const said = words();
    if (said) await listening.listen(LISTENER, { text: said }, panels.settingsOf(panel)?.voice);
  }

  async function announce() {
    const said = words();
    if (!said) return;
    await actions.run("announce", async () => {
      const sentAt = Date.now();
      const { body } = await write("POST", `${pathOf(panel)}/calls`, { text: said });
      undo.start(body, sentAt);
      feed.learn(body);
      text.value = "";
      listening.stop();
      notices.say(fill(desk.announcement.announced, { panel: title() }));
    });
  }

  const undoable = computed(() => (undo.call.value?.text ? undo.call.value : null));

  return {
    text,
    title,
    /** The announcement that can be undone, and for how long. */
    undoable,
    undoLeftS: undo.leftS,
    listening,
    listen,
    announce,
    isPending: actions.isPending,
  };
}

/** @typedef {ReturnType<typeof createAnnouncementStore>} AnnouncementStore */
