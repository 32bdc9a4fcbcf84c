"""Who sees a page in the same way, and what a page is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who gets the same bytes: same page, sites, incident, language and rights."""

    page: str
    sites: tuple[int, ...]
    incident_id: int | None = None
    number: str = ""
    language: str = "zh-hans"
    verbs: frozenset[str] = frozenset()
    cleared: tuple[int, ...] = ()  # the sites whose restricted words they read, and whose silent incidents they see


@dataclass(frozen=True, slots=True)
class Page:
    """One screen: its regions (id -> the template whose root element has that id) and its query object.

    `build` gives the context of the first paint and of every push alike, in a fixed number of queries.
    """

    name: str
    regions: Mapping[str, str]
    build: Callable[[Audience, datetime], dict[str, Any]]
