"""The zone of this machine, for records whose times name none."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """As the system has it for the day in question: summer time counts where it was in force."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return "local"
