import { render } from "preact";

import { html } from "../shared/html.js";
import { App } from "./app.js";
import { createAppearance } from "./appearance.js";
import { createRoute } from "./route.js";
import { createSession } from "./session.js";
import { createStationChoice } from "./station.js";

// The session first: it takes a key out of the address's fragment, which then is the route's.
const session = createSession();
const parts = {
  session,
  choice: createStationChoice(),
  screen: createRoute(),
  appearance: createAppearance(),
};

render(html`<${App} ...${parts} />`, /** @type {Element} */ (document.querySelector("#app")));
