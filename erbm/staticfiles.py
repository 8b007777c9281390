"""Find the static files that our pages use."""

from typing import Any

from django.apps import apps
from django.contrib.staticfiles.finders import AppDirectoriesFinder

# We mount none of viewflow's pages: its 49 MB would be collected for nothing.
NOT_SERVED = {"viewflow", "viewflow.workflow"}


class ServedAppsFinder(AppDirectoriesFinder):
    """Look into the applications whose pages are mounted."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        names = app_names or {config.name for config in apps.get_app_configs()}
        super().__init__(set(names) - NOT_SERVED, *args, **kwargs)
