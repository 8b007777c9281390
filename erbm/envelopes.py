"""What every letter of the application says on its envelope."""

from django.conf import settings
from django.urls import reverse

from workflow import outbox


def headers(key: str, *, thread: str = "") -> dict[str, str]:
    """Return the headers of a letter, the same each time that it is sent."""
    said = {
        "Message-ID": outbox.message_id(key),
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<notifications.{settings.MAIL_DOMAIN}>",  # RFC 2919
        "List-Unsubscribe": f"<{preferences()}>",
    }
    if thread:
        said["References"] = said["In-Reply-To"] = outbox.message_id(thread)
    return said


def preferences() -> str:
    """Return the address where a person chooses what she receives."""
    return str(settings.BASE_URL) + reverse("notice_choices")
