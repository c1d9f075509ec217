"""What may be known of time without asking what time it is; cores may import this."""

from datetime import datetime, timedelta, timezone

CHINA_STANDARD_TIME = timezone(timedelta(hours=8), "CST")
"""A fixed offset, not a zone file: the rule may not change with a package update."""


def seconds(at: datetime) -> int:
    """Whole Unix seconds of an aware instant, as BDP/1 writes times."""
    return int(at.timestamp())
