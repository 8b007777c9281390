"""The toy as a Django application, installed by the test settings alone."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "tests.library"
    label = "library"

    def ready(self):
        from tests.library import journey  # noqa: F401
        from tests.library.v2 import journey as second  # noqa: F401
