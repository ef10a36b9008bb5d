import { render } from "preact";

import { html } from "../shared/html.js";
import { common } from "../shared/strings.js";

render(
  html`<main>${common.product}</main>`,
  /** @type {Element} */ (document.querySelector("#app")),
);
