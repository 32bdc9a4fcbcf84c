"""A small plan that uses every element of the format once, for tests to store, write out and damage."""

WHOLE = """\
format: 1
plan: {key: TW, zh: 全式预案, en: Plan of everything}
posts:
  - {key: leader, zh: 组长, en: Leader}
  - {key: manager, zh: 经理, en: Manager}
parties:
  - {key: fire_119, zh: 消防救援 119, en: Fire service 119, number: "119", requirements: [TW-1-01]}
  - {key: users, zh: 用户, en: Users}
common:
  facts:
    - {metric: deaths, kind: count, unit: persons, zh: 死亡, en: Dead}
    - {metric: seriously_injured, kind: count, unit: persons, zh: 重伤, en: Seriously injured}
    - {metric: loss_yuan, kind: measure, unit: yuan, zh: 损失, en: Loss}
  duties:
    - key: C-log
      kind: record
      post: leader
      zh: 填写登记表
      en: Fill in the log
      clause: {zh: 共同, en: Common}
      requirements: [TW-2-01]
      opens: report
      form: log
      gate: close
    - key: C-hurt
      kind: report
      post: manager
      zh: 报告伤亡
      en: Report the casualties
      clause: {zh: 共同, en: Common}
      requirements: [TW-2-02]
      opens: {event: facts, when: {any: [{fact: deaths, at_least: 1}]}}
      outside: [users]
  notes:
    - {key: C-note, kind: safety, zh: 先救人, en: People first}
  forms:
    - key: log
      zh: 登记表
      en: Log
      items: [{key: what, kind: long, zh: 内容, en: What}]
playbooks:
  - key: TW-1
    zh: 甲
    en: One
    icon: flame
    statutory: yes
    restricted: yes
    silent: yes
    facts:
      - {metric: uncontrolled_minutes, kind: stopwatch, unit: min, from_report: yes, zh: 未控, en: Uncontrolled}
      - {metric: ups_left, kind: countdown, unit: min, zh: 剩余, en: Left}
      - {metric: broken, kind: flag, zh: 故障, en: Broken}
      - {metric: full, kind: stopwatch, unit: h, feed: seats_full, zh: 占满, en: Full}
      - {metric: wait, kind: measure, unit: s, feed: longest_wait, zh: 最长等待, en: Longest wait}
    levels:
      - key: tier1
        rank: 1
        colour: blue
        starts: confirmed
        zh: 一级
        en: Tier 1
        rules:
          - {key: r1, zh: 一, en: One, clause: {zh: 条, en: Clause}, requirements: [TW-3-01], when: always}
      - key: tier2
        rank: 2
        colour: red
        starts: proposed
        spacing_minutes: 30
        zh: 二级
        en: Tier 2
        rules:
          - key: r2
            zh: 二
            en: Two
            clause: {zh: 条, en: Clause}
            requirements: [TW-3-02]
            gap: {zh: 预案未写十与二十之间, en: The plan leaves out ten to twenty}
            when:
              any:
                - {fact: uncontrolled_minutes, at_least: 30}
                - {fact: ups_left, at_most: 10}
    duties:
      - key: D-call
        kind: call
        post: leader
        zh: 打 119
        en: Call 119
        clause: {zh: 条, en: Clause}
        requirements: [TW-1-01]
        opens: report
        life_safety: yes
        outside: [fire_119]
      - key: D-tell
        kind: notification
        post: leader
        zh: 告知用户
        en: Tell the users
        clause: {zh: 条, en: Clause}
        requirements: [TW-1-02]
        opens: report
        minutes: 5
        on_late: [{tell: manager}]
        outside: [users]
      - key: D-hand
        kind: record
        post: leader
        zh: 移交
        en: Hand over
        clause: {zh: 条, en: Clause}
        requirements: [TW-1-03]
        opens: restore
        gate: end
        form: handover
        signers: 2
        apart_from: [D-tell]
        restricted: yes
      - key: D-come
        kind: task
        post: leader
        zh: 叫人
        en: Call people in
        clause: {zh: 条, en: Clause}
        requirements: [TW-1-06]
        opens: report
        calls_out: {post: leader, quota: 3, waves: [extend, early, standby]}
      - key: E-everybody
        kind: arrival
        post: leader
        zh: 都叫来
        en: Call everybody in
        clause: {zh: 条, en: Clause}
        requirements: [TW-1-07]
        opens: report
        calls_out: {post: manager, quota: all, waves: [reserve]}
    notes:
      - {key: N-ref, kind: reference, zh: 参考, en: Reference, restricted: yes}
    forms:
      - key: handover
        zh: 移交表
        en: Hand-over form
        rows: yes
        outcome: result
        requirements: [TW-1-04]
        items:
          - {key: where, kind: text, zh: 地点, en: Place, source: place, required: yes}
          - {key: loss, kind: number, zh: 损失, en: Loss, fact: loss_yuan}
          - {key: hold, kind: date, zh: 保存至, en: Keep until, minimum_days: 30, requirements: [TW-1-05]}
          - {key: seen, kind: check, zh: 已核, en: Checked}
          - {key: at, kind: time, zh: 时间, en: Time, source: occurred}
          - {key: phone, kind: phone, zh: 电话, en: Phone}
          - key: result
            kind: choice
            zh: 结果
            en: Result
            choices: [{key: given, zh: 已交, en: Handed over}, {key: kept, zh: 保留, en: Kept}]
  - key: TW-2
    zh: 乙
    en: Two
    icon: lock
    facts:
      - {metric: deaths, kind: count, maximum: 9, zh: 本方案死亡, en: Own dead}
    notes:
      - {key: C-note, kind: gap, zh: 自己的话, en: Own words}
  - key: TW-3
    zh: 丙
    en: Three
    icon: lock
    common: no
    duties:
      - {key: D3, kind: task, post: leader, zh: 做, en: Do, clause: {zh: 条, en: Clause}, site_rule: yes, opens: report}
"""
