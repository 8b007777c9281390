"""One browser for all the journeys."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys import pictures

HERE = Path(__file__).parent
# The server of the tests leaves the connections that a browser keeps open.
LEFT_OPEN = "ignore::pytest.PytestUnraisableExceptionWarning"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings(LEFT_OPEN))


@pytest.fixture(scope="session")
def browser(live_server):  # so that it closes its connections before the server does
    # Playwright runs an event loop in this thread, which Django takes for
    # asynchronous code; nothing here is.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = pictures.launch(playwright)
        yield browser
        browser.close()
