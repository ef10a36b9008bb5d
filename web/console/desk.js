/** Everything that one signed-in desk works with, made once and stopped together. */
import { createApi } from "../shared/api.js";
import { desk as words } from "../shared/strings.js";
import { createActions, createNotices } from "./actions.js";
import { createListening } from "./listening.js";
import { createPanelsStore } from "./panels/store.js";
import { createPlayer } from "./player.js";
import { createWrites } from "./writes.js";

/** @import { Session } from "./session.js" */

/** @param {Session} session */
export function createDesk(session) {
  const api = createApi({ token: () => session.token.value });
  const write = createWrites(api);
  const notices = createNotices();
  const onSignedOut = () => session.leave(words.signIn.expired);
  const actions = createActions({ notices, onSignedOut });
  const listening = createListening({ api, player: createPlayer() });
  const panels = createPanelsStore({ api, write, actions, notices });
  return {
    api,
    write,
    notices,
    actions,
    listening,
    panels,
    start: panels.start,
    stop() {
      panels.stop();
      listening.stop();
    },
  };
}

/** @typedef {ReturnType<typeof createDesk>} Desk */
