"""Find the static files that our pages use, among all those that libraries bring."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.core.files.storage import Storage

# Collecting and compressing these would take half a minute and serve nobody.
NOT_SERVED = (
    "viewflow/*",  # none of its pages is mounted
    "django-dsfr/icon-picker/*",  # for its administration pages
    "dsfr/dist/analytics/*",
    "dsfr/dist/artwork/*",
    "dsfr/dist/dsfr/*",  # the same files as one folder above
    "dsfr/dist/legacy/*",  # for browsers without modules nor variables
    "dsfr/*.legacy.*",
    "dsfr/*.nomodule.*",
    "dsfr/*.main.*",  # halves of the files kept
    "dsfr/*.print.*",
    "dsfr/*.md",
)


def is_served(path: str) -> bool:
    """Tell whether a page may ask for this file."""
    if path.startswith("dsfr/") and path.endswith((".css", ".js")):
        return ".min." in path and not _is_left_out(path)
    return not _is_left_out(path)


def _is_left_out(path: str) -> bool:
    return any(fnmatch(path, pattern) for pattern in NOT_SERVED)


class ServedFilesFinder(AppDirectoriesFinder):
    """Find the applications' files, as if those that are not served did not exist."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for path, storage in super().list(ignore_patterns):
            if is_served(path):
                yield path, storage

    def find_in_app(self, app: str, path: str) -> Any:
        return super().find_in_app(app, path) if is_served(path) else None
