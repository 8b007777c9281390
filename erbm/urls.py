"""The addresses of the application."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from erbm import health
from erbm.desk import pages, styles

handler400 = "erbm.errors.bad_request"
handler403 = "erbm.errors.forbidden"
handler404 = "erbm.errors.not_found"
handler500 = "erbm.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("compte/", include("erbm.accounts.urls")),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("plan-du-site/", pages.plan, name="plan"),
    path("code-source/", pages.source, name="source"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]

if settings.DEBUG:
    urlpatterns.append(path("styles/", styles.page, name="styles"))
