"""Turn Redis' address into the one that Celery understands."""

from urllib.parse import parse_qs, urlsplit


def celery_url(url: str) -> str:
    """Say `unix:///socket?db=1` in Celery's words; leave other addresses alone."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"
