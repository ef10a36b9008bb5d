import js from "@eslint/js";
import compat from "eslint-plugin-compat";
import globals from "globals";

export default [
  { ignores: ["dist/"] },
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      // Names come from people: they are only ever text nodes.
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "draw with html`…`" },
        { property: "outerHTML", message: "draw with html`…`" },
        { property: "insertAdjacentHTML", message: "draw with html`…`" },
        { property: "dangerouslySetInnerHTML", message: "draw with html`…`" },
      ],
    },
  },
  // Whether a TV's browser has what the panel calls (browserslist in package.json).
  { files: ["panel/**", "shared/**"], ...compat.configs["flat/recommended"] },
  { files: ["panel/sw/**"], languageOptions: { globals: { ...globals.serviceworker } } },
  { files: ["*.config.js"], languageOptions: { globals: { ...globals.node } } },
];
