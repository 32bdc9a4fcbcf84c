"""Times as people type them: today's or last night's hour, a full date, and what an input method makes of digits."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from incident import readings

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # 15:00 at the site


@pytest.mark.parametrize(("typed", "local"), [
    ("14:30", "11-23 14:30"), ("14：30", "11-23 14:30"), ("１４：３０", "11-23 14:30"), (" ９:05 ", "11-23 09:05"),
    ("2026-11-22 23:58", "11-22 23:58"), ("２０２６-11-22　23：58", "11-22 23:58"),
])  # fmt: skip
def test_a_time_is_read(typed, local):
    found = readings.moment(typed, at=AT, what="时间")
    assert found.astimezone(timezone.get_default_timezone()).strftime("%m-%d %H:%M") == local


@pytest.mark.parametrize("typed", ["", "25:00", "二点", "15:05", "2099-01-01 10:00", "14.30"])
def test_what_is_no_past_time_is_refused(typed):
    with pytest.raises(ValueError, match="时间"):
        readings.moment(typed, at=AT, what="时间")
