"""The application: domain apps, screens, and the Django project around them."""

from erbm.celery import app as celery_app

__all__ = ["celery_app"]
