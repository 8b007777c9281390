"""The door through which an ASGI server reaches the application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erbm.settings.production")

application = get_asgi_application()
