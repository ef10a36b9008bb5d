/** Dark or light: `data-theme` on the page, following the system's wish when "auto". */

/**
 * @param {"dark" | "light" | "auto"} theme
 * @returns {() => void} stop following the system
 */
export function applyTheme(theme) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const dark = theme === "dark" || (theme === "auto" && system.matches);
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  };
  apply();
  system.addEventListener("change", apply);
  return () => system.removeEventListener("change", apply);
}
