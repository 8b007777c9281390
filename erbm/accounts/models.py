"""The people who use the application."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from erbm import words
from flows.roles import Role
from workflow.models import Membership


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )


class User(AbstractUser):
    """A person; what she may do comes from her memberships, never from here."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("adresse électronique", unique=True)
    key = models.UUIDField("identifiant stable", default=uuid.uuid4, unique=True)
    position = models.CharField("fonction", max_length=150, blank=True)

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "personne"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_is_unique"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Appointment(Membership):
    """A membership in the words of the ERBM, as the administration keeps it."""

    class Meta:
        proxy = True
        verbose_name = "appartenance"

    def __str__(self) -> str:
        where = f" ({self.jurisdiction})" if self.jurisdiction else ""
        until = f" jusqu’au {words.day(self.ends_on)}" if self.ends_on else ""
        since = f"depuis le {words.day(self.starts_on)}{until}"
        return f"{self.user}, {self.role_label}, {self.unit.short_name}{where}, {since}"

    @property
    def role_label(self) -> str:
        return dict(Role.choices).get(self.role, self.role)
