"""Say how logs are written: one event a line, with the request it belongs to."""

import re
from typing import Any

import structlog

# No renderer here prints the local variables of a traceback: they may hold secrets.
RENDERERS: dict[str, structlog.typing.Processor] = {
    "json": structlog.processors.JSONRenderer(ensure_ascii=False),
    "console": structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    ),
}
# The address of a calendar is its only secret.
SECRET = re.compile(r"(?<=/agenda/)[^/\s]{20,}(?=\.ics)")


def hide_secrets(
    logger: Any, name: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Leave out of a line the secrets that addresses hold."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = SECRET.sub("…", value)
    return line


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    hide_secrets,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(*, renderer: str, level: str) -> dict[str, Any]:
    """Prepare structlog and return Django's LOGGING for the same lines."""
    # The console's renderer lays out exceptions itself; JSON needs them as text.
    text = [structlog.processors.format_exc_info] if renderer == "json" else []
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *text,
                    RENDERERS[renderer],
                ],
            }
        },
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            # Django's own handlers would write every line a second time.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
