"""The addresses of the application."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from erbm import administration, health
from erbm.desk import pages, styles
from erbm.desk.views import exports, home
from erbm.desk.views import operations as listing
from erbm.grants import room as granting
from erbm.grants import urls as grants
from erbm.operations import urls as operations

handler400 = "erbm.errors.bad_request"
handler403 = "erbm.errors.forbidden"
handler404 = "erbm.errors.not_found"
handler500 = "erbm.errors.server_error"

# The list is a screen of the desk, which stands above the operations.
operation_pages = [
    path("", listing.show, name="list"),
    path("exporter/", exports.list_of_operations, name="export"),
    *operations.urlpatterns,
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.show, name="home"),
    path("compte/", include("erbm.accounts.urls")),
    path("", include("erbm.desk.urls")),
    path("", include("erbm.notices.urls")),
    path("", include("erbm.communication.urls")),
    path("dossiers/", include("erbm.exchange.urls")),
    path("dossiers/", include("erbm.dossiers.urls")),
    path("operations/", include((operation_pages, operations.app_name))),
    path("seances/", include("erbm.committees.urls")),
    path("", include("erbm.delivery.urls")),
    path("", include("erbm.reports.urls")),
    path("conditions/", include("erbm.obligations.urls")),
    path("subventions/", include((grants.grant_pages, granting.GRANTS.namespace))),
    path("paiements/", include((grants.payment_pages, granting.PAYMENTS.namespace))),
    path("", include("erbm.cases.urls")),
    path("programme/", include("erbm.programme.urls")),
    path("programme/", include("erbm.scenarios.urls")),
    path("audit/", include("erbm.audit.urls")),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("plan-du-site/", pages.plan, name="plan"),
    path("code-source/", pages.source, name="source"),
    path("administration/", administration.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("watchz", health.watchz),
]

if settings.DEBUG:
    urlpatterns.append(path("styles/", styles.page, name="styles"))
