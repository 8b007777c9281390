// Before the first paint: the design system only knows the scheme once its module runs.
(() => {
  const root = document.documentElement;
  let scheme = root.dataset.frScheme;
  try {
    scheme = localStorage.getItem("scheme") || scheme;
  } catch {
    // Storage may be forbidden; the device's choice remains.
  }
  const dark =
    scheme === "dark" ||
    (scheme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.frTheme = dark ? "dark" : "light";
})();
