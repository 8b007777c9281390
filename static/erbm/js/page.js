// What pages do beyond links and forms. Everything still works without it.

// The summary of a refused form is read at once.
document.querySelector("[data-erbm-focus]")?.focus();

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-erbm-opens]");
  if (opener) {
    document.getElementById(opener.dataset.erbmOpens)?.showModal();
  }
  event.target.closest("[data-erbm-closes]")?.closest("dialog")?.close();
  const account = event.target.closest("[data-erbm-account]");
  if (account) {
    signInAs(account.dataset.erbmAccount, account.dataset.erbmPassword);
  }
});

// An open menu closes when one turns to something else, or at Escape.
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".erbm-menu[open]");
  if (menu && event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
});

// Where there is little room, what is secondary is folded until one asks for it.
const narrow = window.matchMedia("(max-width: 47.99em)");
narrow.addEventListener("change", fold);
window.addEventListener("hashchange", unfoldAround);
fold();

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) {
    return;
  }
  if (event.target.dataset.erbmSent) {
    event.preventDefault();
  }
  event.target.dataset.erbmSent = "yes";
  // What is saved as one types has no object any more.
  for (const saving of event.target.querySelectorAll("[hx-post]")) {
    window.htmx?.trigger(saving, "htmx:abort");
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("form")?.dataset.erbmSent) {
    event.preventDefault();
  }
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-erbm-sent]")) {
    delete form.dataset.erbmSent;
  }
});

function fold() {
  for (const one of document.querySelectorAll("[data-erbm-folds]")) {
    one.open = !narrow.matches;
  }
  unfoldAround();
}

function unfoldAround() {
  const target = document.getElementById(window.location.hash.slice(1));
  for (const one of target?.closest("section")?.querySelectorAll("[data-erbm-folds]") ?? []) {
    one.open = true;
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll(".erbm-menu[open]")) {
    if (!menu.contains(except)) {
      menu.open = false;
    }
  }
}

function signInAs(email, password) {
  const form = document.getElementById("sign-in");
  form.elements.login.value = email;
  form.elements.password.value = password;
  form.querySelector("[type=submit]").focus();
}
