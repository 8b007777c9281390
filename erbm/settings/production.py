"""Production: everything that differs comes from environment variables."""

from erbm.settings.base import *
from erbm.settings.broker import celery_url
from erbm.settings.databases import database
from erbm.settings.logs import configure

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
DATABASES = {"default": database(env.str("DATABASE_URL"))}
CELERY_BROKER_URL = celery_url(env.str("REDIS_URL"))

# Behind a proxy that ends TLS and is the only one to reach us

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^(health|ready|watch)z$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **CONTENT_SECURITY_POLICY["DIRECTIVES"],
        "upgrade-insecure-requests": True,  # type: ignore[dict-item]
    }
}

vars().update(env.email_url("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL")
BASE_URL = env.str("BASE_URL").rstrip("/")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LOGGING = configure(renderer="json", level=env.str("LOG_LEVEL", default="INFO"))
