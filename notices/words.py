"""The words of every kind of notice in both languages, out of the data frozen with the notice."""

from typing import TypedDict


class Data(TypedDict, total=False):
    """What the incident gives; every item may be missing. Times are ISO 8601 with offset, on the incident's clock."""

    number: str  # of the incident
    path: str  # of the incident's page, /incidents/NUMBER/
    title_zh: str
    title_en: str
    site_zh: str
    site_en: str
    place: str
    at: str  # the moment this notice tells of: began, level set, restored, cancelled
    post_zh: str  # the post that is told
    post_en: str
    duty_zh: str
    duty_en: str
    due: str  # of the duty
    late_post_zh: str  # kind told_late: whose duty is late
    late_post_en: str
    late_person: str
    level_zh: str
    level_en: str
    colour: str  # red, orange, yellow, blue
    clause_zh: str
    clause_en: str
    reason: str  # a person's own words: why cancelled, why the level changed
    into_number: str  # kind merged: the incident that goes on
    into_title_zh: str
    into_title_en: str
