// The boxes in which one looks things up draw themselves, and leave their parts
// without a name: give them that of their field.

// Once they are drawn: jQuery calls in the order in which it was asked.
window.django?.jQuery(() => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.nextElementSibling;
    if (!label || !box) {
      continue;
    }
    label.id ||= `${select.id}_label`;
    for (const part of box.querySelectorAll("[role=textbox], [role=searchbox]")) {
      part.setAttribute("aria-labelledby", label.id);
    }
    const shown = box.querySelector(".select2-selection__rendered");
    box
      .querySelector("[role=combobox]")
      ?.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
  }
  window.django.jQuery(document).on("select2:open", () => {
    document
      .querySelector(".select2-dropdown .select2-search__field")
      ?.setAttribute("aria-label", "Rechercher");
    const box = document.querySelector("[role=combobox][aria-expanded=true]");
    box?.setAttribute("aria-controls", box.getAttribute("aria-owns"));
  });
});
