/** JSX-like templates without a compiler. What stands in `${…}` becomes a text node or an attribute, never markup. */
import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
