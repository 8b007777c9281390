"""What the administrator of the software keeps up to date, and nothing of the engine.

Cases, tasks, events, messages and signatures have no page here: a case moves through
the engine alone.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from erbm.accounts import queries
from erbm.accounts.admin import AppointmentAdmin, PersonAdmin
from erbm.accounts.models import Appointment, User
from erbm.admin import Reference
from erbm.committees.admin import BodyAdmin
from erbm.committees.models import Body
from erbm.operations.admin import ConsultationRuleAdmin
from erbm.operations.models import ConsultationRule
from erbm.organisations.admin import RemitAdmin, UnitAdmin
from erbm.organisations.models import Remit
from erbm.programme.admin import TagAdmin, ThemeAdmin
from erbm.programme.models import Tag, Theme
from erbm.territory.admin import CiteAdmin, CommuneAdmin, EpciAdmin
from erbm.territory.models import Cite, Commune, Epci
from workflow.models import Unit

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class LogAdmin(Reference):
    """What administrators have changed, and when."""

    fields = list_display = ("action_time", "user", "content_type", "what")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag",)
    search_fields = ("object_repr", "user__last_name", "user__email")
    ordering = ("-action_time", "-pk")

    @admin.display(description="modification")
    def what(self, entry: LogEntry) -> str:
        return str(entry)


SECTIONS: dict[str, dict[type[models.Model], type[admin.ModelAdmin]]] = {  # type: ignore[type-arg]
    "Personnes": {User: PersonAdmin, Appointment: AppointmentAdmin},
    "Organismes": {
        Unit: UnitAdmin,
        Remit: RemitAdmin,
        ConsultationRule: ConsultationRuleAdmin,
        Body: BodyAdmin,
    },
    "Programme": {Theme: ThemeAdmin, Tag: TagAdmin, Cite: CiteAdmin},
    "Pour mémoire": {Commune: CommuneAdmin, Epci: EpciAdmin, LogEntry: LogAdmin},
}


class Administration(admin.AdminSite):
    """Django's administration, for whoever holds the role, and nobody else."""

    site_title = "Administration · ERBM"
    site_header = "Administration du suivi des opérations"
    index_title = "Administration"
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and queries.administers(
            user, timezone.localdate()
        )

    def admin_view(self, view: View, cacheable: Any = False) -> View:
        """Answer as if nothing were there to those it is not for."""

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise Http404
            return view(request, *args, **kwargs)

        guarded = csrf_protect(inner if cacheable else never_cache(inner))
        return cast("View", update_wrapper(guarded, view))

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        """Group the tables by what they are about, not by where they are written."""
        known = {
            table["model"]: table
            for app in super().get_app_list(request)
            for table in app["models"]
        }
        return [
            {
                "name": name,
                "app_label": f"section-{number}",
                "app_url": f"{reverse('admin:index')}#{name}",
                "has_module_perms": True,
                "models": [known[model] for model in section if model in known],
            }
            for number, (name, section) in enumerate(SECTIONS.items())
        ]

    # What has its own pages

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> Any:
        return redirect("admin:index")

    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        wanted = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(wanted, settings.LOGIN_URL)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")


site = Administration()
for section in SECTIONS.values():
    for model, table in section.items():
        site.register(model, table)
