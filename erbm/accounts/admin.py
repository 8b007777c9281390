"""The administration of the people, and of the roles that they hold."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from erbm.accounts import invitations
from erbm.accounts.models import Appointment, User
from erbm.admin import Kept
from erbm.words import FIXED
from flows.roles import Role

OWN_ROLES = (
    f"Personne ne fixe ses propres rôles{FIXED}: demandez-le à un autre administrateur."
)
ENDS_TOO_SOON = "Un rôle ne peut finir avant de commencer."
SENT = "Un lien pour choisir un mot de passe est parti vers {}."
NOT_SENT = "Le courriel n’a pas pu partir vers {}."


class Named:
    """A table whose rows hold a role, shown by its label."""

    @admin.display(description="rôle", ordering="role")
    def role_label(self, row: Any) -> str:
        return str(row.role_label)


class RoleFilter(admin.SimpleListFilter):
    """The rows of one role."""

    title = "rôle"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(role=self.value()) if self.value() else queryset


# The roles


class AppointmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """One role of somebody else; `by` is the person who fills it in."""

    by: ClassVar[User]
    role = forms.ChoiceField(label="Rôle", choices=Role.choices)

    class Meta:
        help_texts = {
            "is_head": "Elle répartit le travail de l’unité et règle les absences."
        }

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.by.pk in {self.instance.user_id, getattr(said.get("user"), "pk", None)}:
            raise ValidationError(OWN_ROLES)
        # Django leaves the table's own rule out when the page only shows the start.
        starts_on, ends_on = self.instance.starts_on, said.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", ENDS_TOO_SOON)
        return said


class AppointmentAdmin(Named, Kept):
    """Roles are given and ended, not rewritten: they say who could do what, and when.

    One that has not begun can still be given up.
    """

    form = AppointmentForm
    list_display = (
        "user",
        "role_label",
        "unit",
        "jurisdiction",
        "starts_on",
        "ends_on",
        "is_head",
    )
    list_display_links = ("user", "role_label")
    list_filter = (RoleFilter, "is_head", "jurisdiction")
    list_select_related = ("user", "unit", "jurisdiction")
    search_fields = ("user__last_name", "user__email", "unit__name", "unit__short_name")
    ordering = ("user__last_name", "user__first_name", "starts_on", "pk")
    autocomplete_fields = ("user", "unit")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        role = "role_label" if obj else "role"
        held = ("user", "unit", role, "jurisdiction", "starts_on", "ends_on")
        return (*held, "is_head")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Without `role`, the form would go on asking for what the page does not show.
        fixed = ["user", "unit", "role", "role_label", "jurisdiction", "starts_on"]
        return fixed if obj else []

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "starts_on": timezone.localdate()
        } | super().get_changeform_initial_data(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.user == request.user:
            return False
        return bool(obj.starts_on > timezone.localdate())


# The people


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person, known by an address that no other account has."""

    first_name = forms.CharField(label="Prénom", max_length=150)
    last_name = forms.CharField(label="Nom", max_length=150)

    class Meta:
        labels = {"is_active": "Compte ouvert"}
        help_texts = {
            "is_active": "Une fois le compte fermé, ses sessions finissent aussitôt."
        }

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        others = User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError("Un compte a déjà cette adresse.")
        return email


class PersonAdmin(Kept):
    """Accounts are opened and closed, never erased: the trail names their owners."""

    form = PersonForm
    list_display = ("email", "last_name", "first_name", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("email", "last_name", "first_name", "position")
    ordering = ("last_name", "first_name", "email")
    actions = ("send_link",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        described = ("email", "first_name", "last_name", "position")
        if obj is None:
            return described
        return (*described, "is_active", "roles", "last_login", "date_joined")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = ["is_active"] if obj == request.user else []
        return [*own, "roles", "last_login", "date_joined"] if obj else []

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # The digest of a password could be guessed, letter by letter.
        if lookup.startswith("password"):
            return False
        return super().lookup_allowed(lookup, value, request)

    @admin.display(description="appartenances")
    def roles(self, person: User) -> SafeString:
        """Lead to what a person holds, has held and will hold."""
        held = Appointment.objects.filter(user=person).order_by("-starts_on", "-pk")
        rows = [
            (reverse("admin:accounts_appointment_change", args=[one.pk]), one)
            for one in held.select_related("user", "unit", "jurisdiction")
        ]
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>', rows)

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: Any
    ) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            transaction.on_commit(lambda: _invite(request, obj))
        elif "email" in form.changed_data:
            former = form.initial["email"]
            # allauth keeps addresses of its own, by which one could still sign in.
            EmailAddress.objects.filter(user=obj).delete()
            transaction.on_commit(lambda: _tell_former(request, obj, former))

    @admin.action(description="Envoyer un lien pour choisir un mot de passe")
    def send_link(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for person in chosen.filter(is_active=True):
            _invite(request, person)


def _invite(request: HttpRequest, person: User) -> None:
    try:
        invitations.invite(person)
    except OSError:
        messages.warning(request, NOT_SENT.format(person.email))
    else:
        messages.success(request, SENT.format(person.email))


def _tell_former(request: HttpRequest, person: User, former: str) -> None:
    try:
        invitations.tell_change_of_address(person, former)
    except OSError:
        messages.warning(request, NOT_SENT.format(former))
