"""Settings shared by every environment; no secret lives here."""

import os
from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF

# Spreadsheets are read and written by the parsers of the standard library, hardened,
# although lxml is there for python-docx: with it, openpyxl changes ends of lines.
os.environ["OPENPYXL_LXML"] = "False"

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))  # what is written

# The application

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.admin.apps.SimpleAdminConfig",  # erbm.administration is its site
    "django.forms",  # its widgets, some of which templates/ replaces
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_structlog",
    "dsfr",
    "widget_tweaks",
    "viewflow",
    "viewflow.workflow",
    "workflow",
    "flows",
    "erbm.accounts",
    "erbm.territory",
    "erbm.organisations",
    "erbm.programme",
    "erbm.cases",
    "erbm.funding",
    "erbm.operations",
    "erbm.obligations",
    "erbm.delivery",
    "erbm.communication",
    "erbm.committees",
    "erbm.scenarios",
    "erbm.grants",
    "erbm.exchange",
    "erbm.notices",
    "erbm.audit",
    "erbm.dossiers",
    "erbm.imports",
    "erbm.reports",
    "erbm.demo",
    "erbm.desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "erbm.sessions.limit_sessions",
    # Every page asks for a sign-in unless its view says @login_not_required.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "erbm.errors.BusyMiddleware",
]

ROOT_URLCONF = "erbm.urls"
WSGI_APPLICATION = "erbm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
VIEWFLOW = {"AUTOREGISTER": False}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "erbm.desk.context.look",
            ],
        },
    },
]

# The look: "state" shows the brand of the French State, reserved to its own bodies

BRAND = env.str("BRAND", default="neutral")
SOURCE_URL = env.str("SOURCE_URL", default="")  # AGPL, section 13
LEGAL_NOTICE = env.str("LEGAL_NOTICE", default="")  # publisher and host, by name
FORM_RENDERER = "erbm.rendering.Renderer"

# Language and time

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# Signing in: by e-mail, with an account that an administrator opened

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "erbm.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "erbm.accounts.forms.SignIn",
    "reset_password": "erbm.accounts.forms.ForgottenPassword",
    "reset_password_from_key": "erbm.accounts.forms.NewPassword",
    "change_password": "erbm.accounts.forms.ChangePassword",
    "set_password": "erbm.accounts.forms.FirstPassword",
    "reauthenticate": "erbm.accounts.forms.Reauthenticate",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # its letter would invite to open an account
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]

# The demonstration shows, on the sign-in page, the accounts of this domain

DEMO = env.bool("DEMO", default=False)
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")
DEMO_EMAIL_DOMAIN = "demo.example"

# Sessions and pages

SESSION_IDLE_LIMIT = timedelta(hours=2)
SESSION_ABSOLUTE_LIMIT = timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE_LIMIT.total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "erbm.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the icons inside the DSFR's style sheets
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Files: what we serve, and what people send us (never served from its folder)

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "erbm.staticfiles.ServedFilesFinder",
]
STORAGES = {
    "default": {"BACKEND": "erbm.operations.uploads.WholeFiles"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DSFR_USE_INTEGRITY_CHECKSUMS = False  # the manifest storage rewrites the files
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "erbm.operations.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Sign-in attempts are counted in the database: they must not be forgotten, nor
# signing in refused, when the broker is away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "erbm_cache",
        # Beyond, Django forgets a third of them, which anyone could bring about.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Celery only wakes workers up: the outbox is the truth

CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, or it would be given to a second worker.
    "visibility_timeout": 600,
    # A person waits behind each wake-up: give up at once, the sweep will pass.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "connect_retries_timeout": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": 10.0, "options": {"expires": 10}}
    for name, task in (
        ("sweep the outbox", "workflow.tasks.sweep"),
        ("ring what is due soon, or late", "workflow.tasks.ring"),
        ("carry on the batches cut short", "workflow.tasks.carry_on_batches"),
        ("show that beat and a worker are alive", "erbm.tasks.beat_heart"),
    )
} | {
    "send the letters of the day": {
        "task": "erbm.notices.tasks.send_digests",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget the batches never started": {
        "task": "workflow.tasks.forget_unstarted_batches",
        "schedule": crontab(hour="3", minute="10"),
    },
    "forget the drafts left for long": {
        "task": "workflow.tasks.forget_stale_drafts",
        "schedule": crontab(hour="3", minute="20"),
    },
    "seal the trail": {
        "task": "workflow.tasks.seal",
        "schedule": 60.0,
        "options": {"expires": 60, "queue": "sealing"},
    },
    "tell the witnesses of the day": {
        "task": "workflow.tasks.tell_witnesses",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "verify the whole trail": {
        "task": "workflow.tasks.verify",
        "schedule": crontab(hour="4", minute="10"),
    },
    "verify the trail when asked": {
        "task": "workflow.tasks.verify_if_asked",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "inspect every case": {
        "task": "workflow.tasks.inspect",
        "schedule": crontab(hour="3", minute="30"),
    },
}
DJANGO_STRUCTLOG_CELERY_ENABLED = True

# The engine

SOFTWARE_VERSION = "0.1.0"  # recorded in every event of the trail
# What checkpoints are signed as; the private key is given to the sealer alone.
TRAIL_ORIGIN = env.str("TRAIL_ORIGIN", default="erbm.invalid/journal")
SEALING_KEY_FILE = env.str("SEALING_KEY_FILE", default="")
# Where each day’s checkpoint is copied: a folder that only others can write over
WITNESS_DIR = env.str("WITNESS_DIR", default="")
# Who else is told each day: mailboxes, a syslog (/dev/log, udp://…, tcp://…), and an
# authority that timestamps (RFC 3161), known by its certificates in a PEM file
WITNESS_EMAILS = env.list("WITNESS_EMAILS", default=[])
WITNESS_SYSLOG = env.str("WITNESS_SYSLOG", default="")
TIMESTAMP_URL = env.str("TIMESTAMP_URL", default="")
TIMESTAMP_CERTIFICATES = env.str("TIMESTAMP_CERTIFICATES", default="")
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default="erbm.invalid")  # of the Message-IDs
# After how long what was typed and never said is forgotten
DRAFTS_KEPT_DAYS = env.int("DRAFTS_KEPT_DAYS", default=120)
# What the links in e-mails begin with
BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
