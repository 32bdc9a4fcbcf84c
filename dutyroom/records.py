"""What is known of each person's answers at a site: notices, their attempts and tests of contacts, in one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from dutyroom import reach


@dataclass(frozen=True, slots=True)
class Record:
    """Contacts with one person within 90 days.

    `events`: those of the last 24 hours and the newest before them; `median_seconds` from being told to the answer;
    `proven`: (channel, address) -> when it was last answered.
    """

    events: tuple[reach.Event, ...] = ()
    median_seconds: float | None = None
    proven: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


NOTHING = Record()

# A person is asked when a channel took a message for a rung of theirs. They missed it when the ladder has gone on to
# somebody else or has ended; they answered when the answer that stands is theirs. An answer on the screen proves the
# screen, one by the link proves the mail. Who answers at once is not even tried any more. What a notice in a drill kept
# inside proves nothing.
_EVENTS = """
    WITH tried AS (
        SELECT notice.id, (rung.v ->> 'person_id')::bigint AS person_id,
            min(attempt.ended_at) FILTER (WHERE attempt.outcome = 'accepted') AS told_at,
            max(attempt.ended_at) AS tried_at,
            (array_agg(attempt.channel ORDER BY attempt.id DESC))[1] AS channel,
            max(rung.v ->> 'address') FILTER (WHERE attempt.channel = 'email') AS mail,
            max(attempt.rung) AS rung,
            bool_or(
                notice.acknowledged_user_id = (rung.v ->> 'user_id')::bigint
                OR notice.acknowledged_by = rung.v ->> 'person'
            ) AS is_answerer
        FROM notices_attempt AS attempt
        JOIN notices_notice AS notice ON notice.id = attempt.notice_id
        CROSS JOIN LATERAL (SELECT notice.ladder -> attempt.rung::int AS v) AS rung
        WHERE attempt.ended_at > %(since)s AND attempt.outcome <> 'held' AND notice.site_id = %(site)s
            AND notice.wants_answer AND notice.mode <> 'drill' AND rung.v ->> 'person_id' IS NOT NULL
        GROUP BY notice.id, rung.v ->> 'person_id'
    ), asked AS (
        SELECT tried.*, notice.acknowledged_at, notice.acknowledged_via, notice.state,
            notice.state = 'acknowledged' AND is_answerer AS has_answered,
            notice.state = 'exhausted' OR (
                notice.rung > tried.rung
                AND (notice.ladder -> notice.rung::int ->> 'person_id')::bigint IS DISTINCT FROM tried.person_id
            ) AS is_over
        FROM tried JOIN notices_notice AS notice ON notice.id = tried.id
    ), event AS (
        SELECT person_id,
            CASE WHEN has_answered THEN acknowledged_at ELSE coalesce(told_at, tried_at) END AS at,
            CASE WHEN has_answered THEN 'answered' WHEN NOT is_over THEN 'waiting'
                WHEN told_at IS NULL THEN 'undelivered' ELSE 'missed' END AS outcome,
            CASE WHEN has_answered AND acknowledged_via = 'link' THEN 'email'
                WHEN has_answered AND acknowledged_via = 'screen' THEN 'in_app' ELSE channel END AS channel,
            CASE WHEN has_answered AND acknowledged_via = 'link' THEN mail ELSE '' END AS address,
            CASE WHEN has_answered THEN extract(epoch FROM acknowledged_at - coalesce(told_at, tried_at)) END AS seconds
        FROM asked
        WHERE has_answered OR is_over OR (state IN ('queued', 'accepted') AND told_at IS NOT NULL)
        UNION ALL
        SELECT (rung.v ->> 'person_id')::bigint, acknowledged_at, 'answered',
            CASE acknowledged_via WHEN 'link' THEN 'email' WHEN 'screen' THEN 'in_app' ELSE '' END,
            CASE acknowledged_via WHEN 'link' THEN rung.v ->> 'address' ELSE '' END,
            extract(epoch FROM acknowledged_at - created_at)
        FROM notices_notice AS notice
        CROSS JOIN LATERAL (
            SELECT v FROM jsonb_array_elements(notice.ladder) AS v
            WHERE (v ->> 'user_id')::bigint = notice.acknowledged_user_id OR v ->> 'person' = notice.acknowledged_by
            ORDER BY (v ->> 'channel' = 'email') = (acknowledged_via = 'link') DESC LIMIT 1
        ) AS rung
        WHERE notice.site_id = %(site)s AND state = 'acknowledged' AND acknowledged_at > %(since)s
            AND mode <> 'drill' AND rung.v ->> 'person_id' IS NOT NULL
            AND NOT EXISTS (SELECT FROM tried WHERE tried.id = notice.id AND tried.is_answerer)
        UNION ALL
        SELECT contact.person_id, result_at, result, contact.channel, contact.address, NULL
        FROM dutyroom_contactcheck AS test
        JOIN staffing_contact AS contact ON contact.id = test.contact_id
        JOIN staffing_person AS person ON person.id = contact.person_id
        WHERE test.result <> '' AND test.result_at > %(since)s AND person.site_id = %(site)s
    ), way AS (
        SELECT person_id, json_agg(json_build_array(channel, address, extract(epoch FROM at))) AS proven
        FROM (
            SELECT person_id, channel, coalesce(address, '') AS address, max(at) AS at
            FROM event WHERE outcome = 'answered' GROUP BY person_id, channel, coalesce(address, '')
        ) AS newest
        GROUP BY person_id
    ), known AS (
        SELECT person_id,
            coalesce(
                json_agg(json_build_array(extract(epoch FROM at), outcome, channel) ORDER BY at)
                FILTER (WHERE at > %(day)s OR outcome = 'waiting'), '[]'
            ) AS day,
            (
                array_agg(json_build_array(extract(epoch FROM at), outcome, channel) ORDER BY at DESC)
                FILTER (WHERE at <= %(day)s AND outcome IN ('answered', 'missed'))
            )[1] AS before,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median
        FROM event GROUP BY person_id
    )
    SELECT person_id, day, before, median, proven FROM known LEFT JOIN way USING (person_id)
"""


def of_site(site_id: int, now: datetime) -> dict[int, Record]:
    """Person id -> what is known; people of whom nothing is known are not in it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"site": site_id, "since": now - reach.PROVEN, "day": now - reach.DAY})
        rows = cursor.fetchall()
    return {person_id: _record(day, before, median, proven, now) for person_id, day, before, median, proven in rows}


def _record(
    day: Sequence[tuple[float, reach.Outcome, str]],
    before: tuple[float, reach.Outcome, str] | None,
    median: float | None,
    proven: Sequence[tuple[str, str, float]] | None,
    now: datetime,
) -> Record:
    zone = now.tzinfo
    found = [*([before] if before else []), *day]
    return Record(
        events=tuple(reach.Event(datetime.fromtimestamp(at, zone), what, channel) for at, what, channel in found),
        median_seconds=median,
        proven={(channel, address): datetime.fromtimestamp(at, zone) for channel, address, at in proven or ()},
    )


def seconds(amount: float | None) -> timedelta | None:
    """A span of so many seconds."""
    return None if amount is None else timedelta(seconds=round(amount))
