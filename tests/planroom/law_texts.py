"""A small plan of two levels and the edits that make it worse."""

PLAN = """\
format: 1
plan: {key: TP, zh: 示例预案, en: Sample plan}
posts:
  - {key: lead, zh: 班长, en: Shift lead}
  - {key: boss, zh: 主管, en: Supervisor}
playbooks:
  - key: TP-1
    zh: 示例事件
    en: Sample incident
    icon: alert
    facts:
      - {metric: full_minutes, kind: stopwatch, unit: min, zh: 占满时长, en: Full for, asked: yes}
      - {metric: persons, kind: count, zh: 人数, en: Persons}
      - {metric: smoke, kind: flag, zh: 冒烟, en: Smoke, asked: yes}
    levels:
      - key: general
        rank: 1
        colour: yellow
        starts: confirmed
        zh: 一般
        en: General
        rules:
          - key: general-full
            zh: 占满 15 分钟及以上
            en: Full for 15 minutes or more
            clause: {zh: 第一条, en: Section 1}
            site_rule: yes
            when: {all: [{fact: full_minutes, at_least: 15}]}
      - key: major
        rank: 2
        colour: orange
        starts: confirmed
        zh: 重大
        en: Major
        rules:
          - key: major-full
            zh: 占满 30 分钟及以上
            en: Full for 30 minutes or more
            clause: {zh: 第二条, en: Section 2}
            site_rule: yes
            when: {all: [{fact: full_minutes, at_least: 30}]}
    duties:
      - key: TP-1-01
        kind: task
        post: lead
        zh: 查看现场
        en: Look at the place
        clause: {zh: 第三条, en: Section 3}
        requirements: [TP-1-01]
        opens: report
        minutes: 5
      - key: TP-1-02
        kind: notification
        post: lead
        zh: 通知主管
        en: Tell the supervisor
        clause: {zh: 第四条, en: Section 4}
        requirements: [TP-1-02]
        opens: {event: level, level: major}
        tell: [boss]
        minutes: 10
"""

DUTY = """\
      - key: TP-1-09
        kind: task
        post: lead
        zh: 再看一次
        en: Look once more
        clause: {zh: 第九条, en: Section 9}
        requirements: [TP-1-09]
"""


def edited(*pairs: tuple[str, str], more: str = "") -> str:
    """The plan with words replaced, each of which must be there, and lines added to its duties."""
    text = PLAN
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    return text + more


def with_duty(lines: str) -> str:
    """The plan with one more duty; `lines` are its further lines."""
    return PLAN + DUTY + "".join(f"        {line.strip()}\n" for line in lines.strip().splitlines())
