"""The test suite's settings: SQLite in memory unless an address is given."""

import os

os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("REDIS_URL", "memory://")  # Celery's own broker, without server

from erbm.settings.dev import *

DEBUG = False
INSTALLED_APPS += [
    "tests.library",  # the toy procedure of the engine's tests
    "zeal",
]
MIDDLEWARE.insert(0, "zeal.middleware.zeal_middleware")  # a page's N+1 raises
TEMPLATES[0]["OPTIONS"]["debug"] = True  # type: ignore[index]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_AUTOREFRESH = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
