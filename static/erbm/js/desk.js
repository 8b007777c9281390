// When a row cannot be refreshed alone, because the session has ended or the task is
// gone, the whole page is.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const asked = new URL(requestConfig.path, window.location.href);
  if (xhr.status !== 200 || new URL(xhr.responseURL).pathname !== asked.pathname) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});

// One box in the head of the table ticks every task of the page.
const head = document.querySelector("th.erbm-tick");
if (head) {
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", "Choisir toutes les tâches de la page");
  all.addEventListener("change", () => {
    for (const one of document.querySelectorAll('input[form="lot"][name="task"]')) {
      one.checked = all.checked;
    }
  });
  head.replaceChildren(all);
}
