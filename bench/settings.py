"""The settings of a measure: the tests' own, and the rivals' tables and pages."""

from erbm.settings.test import *

INSTALLED_APPS += ["bench"]
ROOT_URLCONF = "bench.urls"
