"""What each environment promises, and what it refuses to start without."""

import re
import runpy
import tomllib

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from tests.architecture.sources import ROOT

NEEDED = {
    "SECRET_KEY": "secret",
    "ALLOWED_HOSTS": "erbm.example",
    "BASE_URL": "https://erbm.example",
    "DATABASE_URL": "postgresql://erbm@db/erbm",
    "REDIS_URL": "unix:///run/valkey?db=2",
    "EMAIL_URL": "smtp://mail.example",
    "DEFAULT_FROM_EMAIL": "erbm@erbm.example",
}


def production():
    return runpy.run_path(str(ROOT / "erbm" / "settings" / "production.py"))


@pytest.fixture
def environment(monkeypatch):
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize("name", NEEDED)
def test_production_does_not_start_without(name, environment):
    environment.delenv(name)

    with pytest.raises(ImproperlyConfigured, match=name):
        production()


def test_production_starts_on_the_environment_alone(environment, monkeypatch):
    # The logs of the suite stay as they are.
    monkeypatch.setattr("structlog.configure", lambda **options: None)

    settings = production()

    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (
        database["OPTIONS"]["options"]
        == "-c lock_timeout=5000 -c jit=off -c parallel_setup_cost=10000 "
        "-c random_page_cost=1.1"
    )
    assert settings["CELERY_BROKER_URL"] == "redis+socket:///run/valkey?virtual_host=2"
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["SECURE_HSTS_SECONDS"] >= 31_536_000


@pytest.mark.django_db
def test_the_database_is_tuned_for_decisions():
    asked = {
        "sqlite": ("PRAGMA recursive_triggers", "PRAGMA foreign_keys"),
        "postgresql": ("SHOW lock_timeout",),
    }
    wanted = {"sqlite": [1, 1], "postgresql": ["5s"]}

    with connection.cursor() as cursor:
        answers = [
            cursor.execute(question).fetchone()[0]
            for question in asked[connection.vendor]
        ]

    assert answers == wanted[connection.vendor]


def test_a_task_ends_before_its_message_is_given_to_another(settings):
    visible_again = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert (
        settings.CELERY_TASK_SOFT_TIME_LIMIT
        < settings.CELERY_TASK_TIME_LIMIT
        < visible_again
    )


def locked(name):
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([\w.-]+)(?:\[.*?\])?==(\S+)", text, re.MULTILINE))


def wanted(requirements):
    names = (re.match(r"[\w.-]+", each).group() for each in requirements)
    return {name.lower() for name in names}


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    everything = locked("requirements.lock")
    production = locked("requirements.production.lock")

    assert wanted(project["project"]["dependencies"]) <= production.keys()
    assert wanted(project["dependency-groups"]["dev"]) <= everything.keys()
    assert production.items() <= everything.items()


def test_attempts_to_sign_in_are_not_forgotten_when_there_are_many(environment):
    cache = production()["CACHES"]["default"]

    # Full, it drops a third: whoever fills it would try without end.
    assert cache["BACKEND"].endswith("db.DatabaseCache")
    assert cache["OPTIONS"]["MAX_ENTRIES"] >= 100_000
