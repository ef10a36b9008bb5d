import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk } from "../../shared/strings.js";
import { Button } from "./button.js";

/** @import { Notices } from "../actions.js" */

/** Where the page's results are kept; a dialog shows the bad ones itself, for it covers the rest. */
export const NoticesContext = createContext(/** @type {Notices | null} */ (null));

/** Both regions are always there, or screen readers would miss the first words in them. */
export function NoticeBoard() {
  const notices = useContext(NoticesContext);
  const notice = notices?.notice.value;
  return html`<div class="notices">
    <div role="status">
      ${notice?.kind === "good" ? html`<p class="notice good">${notice.words}</p>` : null}
    </div>
    <${BadNews} />
    ${
      notice?.kind === "bad"
        ? html`<${Button} look="small" onPress=${notices?.clear}>${desk.close}<//>`
        : null
    }
  </div>`;
}

export function BadNews() {
  const notice = useContext(NoticesContext)?.notice.value;
  return html`<div role="alert">
    ${notice?.kind === "bad" ? html`<p class="notice bad">${notice.words}</p>` : null}
  </div>`;
}
