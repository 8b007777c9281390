"""The door through which a WSGI server reaches the application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erbm.settings.production")

application = get_wsgi_application()
