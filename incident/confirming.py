"""The console's own duty: somebody must confirm or decide a level that the system set or proposes."""

from decimal import Decimal

from playbooks import rules

PREFIX = "confirm-level-"
TARGET_MINUTES = Decimal(5)  # internal target; no plan gives a number
POST = "@decider"  # whoever may decide at the site


def key(level: str) -> str:
    """The rule key of the duty to confirm this level."""
    return PREFIX + level


def rule(playbook: rules.Playbook, key: str) -> rules.DutyRule | None:
    """The built-in rule of that key; None for rules of the playbook."""
    if not key.startswith(PREFIX):
        return None
    level = playbook.level(key.removeprefix(PREFIX))
    return rules.DutyRule(
        key=key,
        requirements=(),
        kind="decision",
        post=POST,
        zh=f"确认级别：{level.zh}",
        en=f"Confirm the level: {level.en}",
        opens=rules.Trigger("level", level.key),
        detail_zh="认可则确认；不认可则否决并写明理由。",
        detail_en="Confirm it, or reject it and say why.",
        clause_zh="本站规则",
        clause_en="site rule",
        target_minutes=TARGET_MINUTES,
        site_rule=True,
        order=5,
    )
