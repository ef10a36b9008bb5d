import { useState } from "preact/hooks";

import { html } from "../shared/html.js";
import { common, desk } from "../shared/strings.js";
import { CreatePanel } from "./panels/create.js";
import { Button } from "./parts/button.js";
import { Form, Select } from "./parts/fields.js";

/** @import { PanelsStore } from "./panels/store.js" */
/** @import { StationChoice } from "./station.js" */

/** @param {{ panels: PanelsStore, choice: StationChoice }} props */
export function ChooseStation({ panels, choice }) {
  const known = panels.panels.value;
  return html`<main class="narrow" id="content">
    <p class="product">${common.product}</p>
    <h1>${desk.station.heading}</h1>
    ${known === null ? html`<p class="soft">${desk.loading}</p>` : null}
    ${
      known?.length === 0
        ? html`<p>${desk.station.noPanels}</p>
            <${CreatePanel} panels=${panels} />`
        : null
    }
    ${known?.length ? html`<${Choice} panels=${known} choice=${choice} />` : null}
  </main>`;
}

/** @param {{ panels: import("./panels/store.js").Panel[], choice: StationChoice }} props */
function Choice({ panels, choice }) {
  const last = choice.last();
  const [chosen, setChosen] = useState(last?.panel ?? "");
  const [place, setPlace] = useState(last?.place ?? "");
  const panel = panels.find((one) => one.panel === chosen) ?? panels[0];
  if (!panel) return null;
  const places = panel.settings.places;
  const here = places.includes(place) ? place : "";
  return html`<${Form} onSubmit=${() => choice.choose({ panel: panel.panel, place: here || null })}>
    <${Select}
      label=${desk.station.panel}
      value=${panel.panel}
      onValue=${setChosen}
      options=${panels.map((one) => ({ value: one.panel, label: one.settings.title }))}
    />
    <${Select}
      label=${desk.station.place}
      hint=${desk.station.placeHint}
      value=${here}
      onValue=${setPlace}
      options=${[
        { value: "", label: desk.station.none },
        ...places.map((one) => ({ value: one, label: one })),
      ]}
    />
    <div class="row"><${Button} look="main">${desk.station.start}<//></div>
  <//>`;
}
