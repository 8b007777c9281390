"""What every answer carries, and what is never served."""

from erbm.staticfiles import is_served


def test_every_answer_says_what_it_may_load(client):
    policy = client.get("/healthz").headers["Content-Security-Policy"]

    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'self'"
    assert directives["object-src"] == directives["base-uri"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


def test_every_answer_refuses_frames_and_guesses(client):
    headers = client.get("/healthz").headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_static_files_that_no_page_uses_are_left_out():
    assert is_served("erbm/css/look.css")
    assert is_served("django_htmx/htmx-2.min.js")
    assert not is_served("viewflow/js/viewflow.js")
    assert not is_served("dsfr/dist/legacy/legacy.min.css")
