import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The oldest browser that the panel runs on (docs/panel.md says which TVs that is). */
const OLDEST_BROWSER = "chrome79";

export default defineConfig({
  root: here("."),
  build: {
    target: OLDEST_BROWSER,
    modulePreload: { polyfill: false },
    // The content security policy has no data: URLs.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { panel: here("panel/index.html"), console: here("console/index.html") },
    },
  },
  plugins: [
    VitePWA({
      strategies: "injectManifest",
      srcDir: "panel/sw",
      filename: "sw.js",
      outDir: "dist/panel",
      injectRegister: false,
      manifest: false,
      injectManifest: {
        globDirectory: "dist",
        globPatterns: ["panel/**/*.html", "assets/**/*.{js,css,woff2,mp3}"],
        globIgnores: ["assets/console-*"],
        modifyURLPrefix: { "": "/" },
        target: OLDEST_BROWSER,
      },
    }),
  ],
  test: { root: here("."), include: ["tests/**/*.test.js"] },
});
