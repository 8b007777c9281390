"""Find the static files that our pages use, among all those that libraries bring."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.core.files.storage import Storage

# Of these, collecting everything would take half a minute and serve nobody.
LIBRARIES = ("css/", "django-dsfr/", "django_htmx/", "dsfr/", "js/", "viewflow/")
SERVED = (
    "django_htmx/django-htmx.js",
    "django_htmx/htmx-2.min.js",
    # One file: its parts that we use, asked for one by one, are 43 kB instead of
    # 51 once compressed, but twenty requests more.
    "dsfr/dist/dsfr/dsfr.main.min.css",
    "dsfr/dist/dsfr/dsfr.module.min.js",
    "dsfr/dist/favicon/*",
    "dsfr/dist/fonts/*",
    "dsfr/dist/icons/*",
)


def is_served(path: str) -> bool:
    """Tell whether a page may ask for this file."""
    if not path.startswith(LIBRARIES):
        return True
    return any(fnmatch(path, pattern) for pattern in SERVED)


class ServedFilesFinder(AppDirectoriesFinder):
    """Find the applications' files, as if those that are not served did not exist."""

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, Storage]]:
        for path, storage in super().list(ignore_patterns):
            if is_served(path):
                yield path, storage

    def find_in_app(self, app: str, path: str) -> Any:
        return super().find_in_app(app, path) if is_served(path) else None
