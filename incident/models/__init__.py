"""The nouns of the centre: the incident, its facts, its level decisions, its duties, records and timeline."""

from incident.models.callout import CallOut, Summons
from incident.models.duty import Duty
from incident.models.entry import Entry
from incident.models.fact import Fact
from incident.models.handover import Handover, HandoverItem
from incident.models.incident import Incident
from incident.models.level import LevelDecision
from incident.models.record import Record, Signature
from incident.models.sample import Sample
from incident.models.topic import Heartbeat, NumberSeries, Topic

__all__ = [
    "CallOut", "Duty", "Entry", "Fact", "Handover", "HandoverItem", "Heartbeat", "Incident", "LevelDecision",
    "NumberSeries", "Record", "Sample", "Signature", "Summons", "Topic",
]  # fmt: skip
