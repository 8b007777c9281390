"""One machine with nothing to install: development, and the demonstration."""

from erbm.settings.base import *
from erbm.settings.broker import celery_url
from erbm.settings.databases import database
from erbm.settings.logs import configure

VAR_DIR.mkdir(parents=True, exist_ok=True)  # SQLite makes its file, not the folder

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default="for-one-machine-only")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", ".localhost"]
)
DATABASES = {
    "default": database(
        env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'erbm.sqlite3'}")
    )
}
CELERY_BROKER_URL = celery_url(env.str("REDIS_URL", default="redis://localhost:6379/0"))

# Without a manifest, runserver serves each file from where it was written.
if DEBUG:
    STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    WHITENOISE_AUTOREFRESH = True
    WHITENOISE_USE_FINDERS = True

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = "ERBM <ne-pas-repondre@erbm.example>"

LOGGING = configure(renderer="console", level=env.str("LOG_LEVEL", default="INFO"))
