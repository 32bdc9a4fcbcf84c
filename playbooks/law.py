"""What a plan says, as frozen values: posts, facts, conditions, levels, duties and the playbook that holds them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, TypeVar

from playbooks.callsout import CallsOut as CallsOut

FactKind = Literal["flag", "count", "measure", "stopwatch", "countdown", "choice", "text", "time"]
Op = Literal["is", "is_not", "one_of", "at_least", "more_than", "less_than", "at_most"]
Mode = Literal["all", "any"]
Colour = Literal["blue", "yellow", "orange", "red"]
Starts = Literal["confirmed", "provisional", "proposed"]
DutyKind = Literal[
    "task", "call", "report", "notification", "acknowledgement", "arrival", "decision", "record", "prohibition"
]
Event = Literal["report", "take", "restore", "relapse", "end", "level", "confirmed", "late", "done", "facts"]
EffectKind = Literal["tell", "open", "raise"]
Anchor = Literal["opened", "occurred", "reported"]
Answers = Literal["all", "any", "2", "3", "4", "5"]  # of those told: everybody, one, or at least so many
Gate = Literal["restore", "end", "close"]
Phase = Literal["first", "during", "after"]
Feed = Literal["", "seats_full", "waiting", "longest_wait", "connect_rate"]
NoteKind = Literal["principle", "safety", "gap", "reference"]
ItemKind = Literal["text", "long", "number", "check", "time", "date", "choice", "phone"]
Source = Literal[
    "", "site", "place", "title", "playbook", "level", "statutory", "occurred", "reported", "restored", "done"
]
Value = bool | int | Decimal | str | None

# Recipients that are no post: everybody told before in this incident, and whoever holds the duty's own post.
TOLD: Final = "@told"
HOLDER: Final = "@holder"

# The expected total length from the start, in minutes; read by every stopwatch condition that counts the expected.
EXPECTED: Final = "expected_minutes"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Clause:
    """Where the plan says it: the clause in words and the requirement ids. `site_rule`: this site's rule, no plan's."""

    zh: str
    en: str
    requirements: tuple[str, ...] = ()
    site_rule: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice fact or of a decision."""

    key: str
    zh: str
    en: str
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A position named by the plan; who holds it is the roster's matter."""

    key: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody outside the roster: the public, an authority, an emergency service. `number`: public, such as 119."""

    key: str
    zh: str
    en: str
    number: str = ""
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One field of a form. `source`: where it is filled from; or the metric in `fact`. `minimum_days`: of a date."""

    key: str
    kind: ItemKind
    zh: str
    en: str
    required: bool = False
    source: Source = ""
    fact: str = ""
    choices: tuple[Choice, ...] = ()
    minimum_days: int | None = None
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A record that the plan asks for. `rows`: a ledger, line by line, each with the time it happened.

    `outcome`: the item that every line must have before a gating duty of this form can be finished.
    """

    key: str
    zh: str
    en: str
    items: tuple[Item, ...]
    rows: bool = False
    outcome: str = ""
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A typed fact. `unit` of both timers is `min` or `h`; `asked`: at the report; `required`: needed then.

    A countdown runs down from its value, from when it was said. `from_report`: a stopwatch that the report starts.
    `feed`: the measure of the site's queues that fills it by itself.
    """

    metric: str
    kind: FactKind
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    asked: bool = False
    required: bool = False
    zh: str = ""
    en: str = ""
    help_zh: str = ""
    help_en: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    requirements: tuple[str, ...] = ()
    from_report: bool = False
    feed: Feed = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one metric now.

    No reading at all means nobody reported it; a reading with neither value nor since was reported as unknown.
    A stopwatch runs (`since`) or stands (`value`, in the unit of its spec). `expected` marks a forecast. A `stale`
    source froze the timer at `heard_at` (or at `value`). `earlier` holds former values with their start, oldest
    first, so that a hold time runs on through a change of value that still meets the condition.
    """

    metric: str
    value: Value = None
    since: datetime | None = None
    expected: bool = False
    stale: bool = False
    heard_at: datetime | None = None
    earlier: tuple[tuple[datetime, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `hold_minutes`: met only after it held that long; `value` is a tuple of keys for `one_of`."""

    metric: str
    op: Op
    value: Value | tuple[str, ...] = True
    hold_minutes: Decimal = Decimal(0)
    counts_expected: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """All or any of its terms; an empty `all` always holds."""

    mode: Mode = "all"
    terms: "tuple[Condition | Group, ...]" = ()


ALWAYS: Final = Group()


@dataclass(frozen=True, slots=True)
class Rule:
    """One way into a level, with the clause that opens it. `site_rule`: set by this site where the plan is silent.

    `gap_zh`, `gap_en`: the hole in the plan that this rule closes upward; shown with every verdict it gives.
    """

    key: str
    clause_zh: str
    clause_en: str
    requirements: tuple[str, ...]
    when: Group
    zh: str
    en: str
    site_rule: bool = False
    gap_zh: str = ""
    gap_en: str = ""

    @property
    def clause(self) -> Clause:
        return Clause(self.clause_zh, self.clause_en, self.requirements, self.site_rule)


@dataclass(frozen=True, slots=True)
class Level:
    """A response level or class; a higher `rank` is graver. `starts`: how a decision of this level comes into force.

    `spacing_minutes`: in an incident it is not asked for sooner than that after the level below was ordered.
    """

    key: str
    rank: int
    colour: Colour
    starts: Starts
    zh: str
    en: str
    rules: tuple[Rule, ...] = ()
    note_zh: str = ""
    note_en: str = ""
    site_rule: bool = False
    spacing_minutes: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What opens a duty.

    `level` and `confirmed` take a level key and also answer to a higher level unless `only`; `late` and `done` take
    a duty key; `facts` opens when `when` is true. For the other events `when`, if given, must hold too.
    """

    event: Event
    argument: str = ""
    when: Group | None = None
    only: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What lateness does: `tell` a post, `open` a duty, `raise` to a level."""

    kind: EffectKind
    argument: str


@dataclass(frozen=True, slots=True)
class DutyRule:
    """Something a post must do. It opens at most once in an incident, whatever number of triggers come true.

    `minutes` is the plan's own deadline, `target_minutes` an internal target: never both. `tell` names who is told:
    post keys, `@told` or `@holder`; empty in a notification means people outside the roster (users, the public).
    `lapses_on`: at that event the duty is waived while not yet due, and it no longer opens afterwards.
    `every_minutes`: an internal rhythm of repetition. `fact`: the choice of a decision is also recorded as that fact.
    `outside`: the parties told or called. A `call` ends with the time it was made or why it was not needed.
    `form`: the record it writes. `signers`: so many different persons sign. `apart_from`: whoever finished one of those
    duties may not finish this one. `restricted`: its words are for hall staff only, never for walls and exports.
    `calls_out`: the people asked to come when it opens.
    """

    key: str
    requirements: tuple[str, ...]
    kind: DutyKind
    post: str
    zh: str
    en: str
    opens: Trigger
    detail_zh: str = ""
    detail_en: str = ""
    clause_zh: str = ""
    clause_en: str = ""
    minutes: Decimal | None = None
    target_minutes: Decimal | None = None
    every_minutes: Decimal | None = None
    anchor: Anchor = "opened"
    tell: tuple[str, ...] = ()
    answers: Answers = "all"
    on_late: tuple[Effect, ...] = ()
    lapses_on: Event | None = None
    replaces: tuple[str, ...] = ()
    life_safety: bool = False
    site_rule: bool = False
    gate: Gate | None = None
    choices: tuple[Choice, ...] = ()
    fact: str | None = None
    phase: Phase = "first"
    order: int = 0
    outside: tuple[str, ...] = ()
    form: str = ""
    signers: int = 1
    apart_from: tuple[str, ...] = ()
    restricted: bool = False
    calls_out: CallsOut | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A principle, a safety rule, a gap of the plan shown as a gap, or reference text that needs medical review."""

    key: str
    kind: NoteKind
    zh: str
    en: str
    requirements: tuple[str, ...] = ()
    clause_zh: str = ""
    clause_en: str = ""
    restricted: bool = False


# Supplied by the caller in every set of facts: the time since the event, running. Any playbook may use it.
ELAPSED: Final = FactSpec(
    metric="elapsed_minutes",
    kind="stopwatch",
    unit="min",
    zh="发生至今",
    en="Time since it happened",
)


_Keyed = TypeVar("_Keyed", Level, DutyRule, Post, Party, Form)


@dataclass(frozen=True, slots=True)
class Playbook:
    """One kind of incident inside a plan version. `id` is the row's id, 0 when read straight from a file.

    `icon` is a symbol of the icon sheet without `icon-`. `silent`: no alarm at the site and nothing on walls.
    `twin_minutes`: a second report of this playbook within that time is offered as a twin. `statutory`: the accident
    class of decree 493 is worked out beside the level. `restricted`: the name is known, the rest is for hall staff.
    """

    id: int
    key: str
    plan_key: str
    version_number: int
    zh: str
    en: str
    icon: str
    facts: tuple[FactSpec, ...]
    levels: tuple[Level, ...]
    duties: tuple[DutyRule, ...]
    posts: tuple[Post, ...] = ()
    notes: tuple[Note, ...] = ()
    requirements: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    summary_zh: str = ""
    summary_en: str = ""
    life_safety: bool = False
    silent: bool = False
    twin_minutes: int = 30
    parties: tuple[Party, ...] = ()
    forms: tuple[Form, ...] = ()
    statutory: bool = False
    restricted: bool = False
    search_text: str = field(default="", compare=False)

    @property
    def specs(self) -> dict[str, FactSpec]:
        """Fact specs by metric, the built-in stopwatch included."""
        return {ELAPSED.metric: ELAPSED} | {spec.metric: spec for spec in self.facts}

    def level(self, key: str) -> Level:
        """The level of that key; KeyError where the playbook has none."""
        return _named(self.levels, key)

    def duty(self, key: str) -> DutyRule:
        """The duty rule of that key; KeyError where the playbook has none."""
        return _named(self.duties, key)

    def post(self, key: str) -> Post:
        """The post of that key; KeyError where the plan names none."""
        return _named(self.posts, key)

    def party(self, key: str) -> Party:
        """The outside party of that key; KeyError where the plan names none."""
        return _named(self.parties, key)

    def form(self, key: str) -> Form:
        """The form of that key; KeyError where the playbook has none."""
        return _named(self.forms, key)

    def fact(self, metric: str) -> FactSpec:
        """The fact of that metric, built-in ones included; KeyError where unknown."""
        return self.specs[metric]


def _named(items: tuple[_Keyed, ...], key: str) -> _Keyed:
    for item in items:
        if item.key == key:
            return item
    raise KeyError(key)
