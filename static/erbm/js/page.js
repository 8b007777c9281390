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

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) {
    return;
  }
  if (event.target.dataset.erbmSent) {
    event.preventDefault();
  }
  event.target.dataset.erbmSent = "yes";
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-erbm-sent]")) {
    delete form.dataset.erbmSent;
  }
});

function signInAs(email, password) {
  const form = document.getElementById("sign-in");
  form.elements.login.value = email;
  form.elements.password.value = password;
  form.querySelector("[type=submit]").focus();
}
