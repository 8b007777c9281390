"""One person at the browser: signs in, finds what is asked, answers it."""

from tests.journeys import pictures
from tests.operations.factories import PASSWORD


class Person:
    """Somebody with a session of her own, who types what a form asks for."""

    def __init__(self, browser, site, user):
        self.user = user
        self.site = site
        self.page = browser.new_context(base_url=site, locale="fr-FR").new_page()
        self.page.set_default_timeout(10_000)
        self.complaints = pictures.listen(self.page)

    def __enter__(self):
        self.page.goto("/")
        self.page.get_by_label("Adresse électronique").fill(self.user.email)
        self.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Se connecter").click()
        return self

    def __exit__(self, kind, *raised):
        if kind is None:
            # A page that is closed while it loads complains of it.
            self.page.wait_for_load_state()
        self.page.context.close()
        if kind is None:
            assert self.complaints == [], self.complaints

    def open(self, reference):
        """Open an operation from the inbox, or from the list if nothing is asked."""
        self.page.goto("/")
        link = self.page.get_by_role("table").get_by_role("link", name=reference)
        if not link.count():
            self.page.goto(f"/operations/?q={reference}")
        link.first.click()
        self.page.wait_for_url("**/operations/*/")

    def make(self, label, **said):
        """Make a move from the page of the operation, and see that it is done."""
        self.page.get_by_role("link", name=label, exact=True).first.click()
        self.send(label, **said)

    def send(self, button, **said):
        """Fill in the form of the page, send it, and see that it is received."""
        for name, value in said.items():
            self._type(name, value)
        self.page.get_by_role("button", name=button, exact=True).click()
        answer = self.page.locator("main").inner_text()
        assert self.page.locator(".fr-alert--success").count(), answer

    def _type(self, name, value):
        field = self.page.locator(f"[name='{name}']")
        kind = field.first.get_attribute("type")
        if kind == "radio":
            # The design system draws over the button, and shows its label.
            value_id = self.page.locator(f"[name='{name}'][value='{value}']")
            value_id.check(force=True)
        elif kind == "checkbox":
            field.check(force=True)
        elif kind == "file":
            field.set_input_files(value)
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(str(value))
