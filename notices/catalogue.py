"""The catalogue of notice kinds: their phrases in Chinese and English side by side."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrase:
    """One thing said in both languages; `{fields}` are those of `words.Data` without the language suffix."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The words of one kind. Of `subjects` and `what` the first whose fields are all known is said; of `lines` every
    one whose fields are known."""

    subjects: tuple[Phrase, ...]
    what: tuple[Phrase, ...]
    lines: tuple[Phrase, ...] = ()
    ask: Phrase = Phrase("请确认您已知悉。", "Please confirm that you have read this.")


PREFIXES = {
    "real": Phrase("", ""),
    "exercise": Phrase("【练习】", "[EXERCISE] "),
    "drill": Phrase("【演练】", "[DRILL] "),
}

EXERCISE_LINES = {
    "exercise": (
        Phrase("【练习】这是一次练习，不是真实事件。", "[EXERCISE] This is an exercise, not a real incident."),
    ),
    "drill": (Phrase("【演练】这是一次演练，不是真实事件。", "[DRILL] This is a drill, not a real incident."),),
}

# Said under every notice, where known.
LABELS = (
    Phrase("事件：{number} {title}", "Incident: {number} {title}"),
    Phrase("单位：{site}", "Site: {site}"),
    Phrase("地点：{place}", "Place: {place}"),
    Phrase("依据：{clause}", "Under: {clause}"),
)

OTHER = Kind(
    subjects=(
        Phrase("{number} {title}", "{number} {title}"),
        Phrase("{number} 有一条应急通知", "{number}: an emergency notice"),
        Phrase("有一条应急通知", "An emergency notice"),
    ),
    what=(Phrase("有一条应急通知，请打开指挥台查看。", "An emergency notice is waiting; please open the console."),),
    lines=(Phrase("有一条应急通知，请打开指挥台查看。", "An emergency notice is waiting; please open the console."),),
)

CATALOGUE: dict[str, Kind] = {
    # A duty of the recipient's post, or something the plan says the post must be told.
    "duty": Kind(
        subjects=(
            Phrase("{number} {duty}（{due} 前）", "{number} {duty} (by {due})"),
            Phrase("{number} {duty}", "{number} {duty}"),
            *OTHER.subjects,
        ),
        what=(Phrase("{duty}", "{duty}"), Phrase("{title}", "{title}")),
        lines=(
            Phrase("事项：{duty}", "What: {duty}"),
            Phrase("岗位：{post}", "As: {post}"),
            Phrase("时限：{due} 前", "Due: by {due}"),
            Phrase("当前级别：{level}", "Level now: {level}"),
        ),
    ),
    # Somebody else's duty passed its deadline, and the plan says who hears of it next.
    "told_late": Kind(
        subjects=(
            Phrase("{number} 超时未完成：{duty}", "{number} overdue: {duty}"),
            Phrase("{number} 有职责超时未完成", "{number}: a duty is overdue"),
            *OTHER.subjects,
        ),
        what=(
            Phrase("“{duty}”已超过时限，尚未完成", "“{duty}” has passed its deadline and is not done"),
            Phrase("有职责已超过时限，尚未完成", "A duty has passed its deadline and is not done"),
        ),
        lines=(
            Phrase("超时未完成：{duty}", "Overdue: {duty}"),
            Phrase("责任岗位：{late_post}", "Post responsible: {late_post}"),
            Phrase("在岗人员：{late_person}", "Held by: {late_person}"),
            Phrase("原定时限：{due}", "Was due: {due}"),
            Phrase("您被告知的岗位：{post}", "You are told as: {post}"),
            Phrase("当前级别：{level}", "Level now: {level}"),
        ),
    ),
    # Somebody confirmed a notice about this duty, and then nothing happened.
    "nothing_followed": Kind(
        subjects=(
            Phrase("{number} 已确认但没有动静：{duty}", "{number} confirmed, and nothing followed: {duty}"),
            Phrase("{number} 有职责确认后没有动静", "{number}: a duty was confirmed, and nothing followed"),
            *OTHER.subjects,
        ),
        what=(
            Phrase("“{duty}”有人确认，但一直没有动静", "“{duty}” was confirmed, and nothing has followed"),
            Phrase("有职责确认后没有动静", "A duty was confirmed, and nothing has followed"),
        ),
        lines=(
            Phrase("事项：{duty}", "What: {duty}"),
            Phrase("确认人：{late_person}，此后没有记录", "Confirmed by: {late_person}; nothing recorded since"),
            Phrase("岗位：{post}", "As: {post}"),
            Phrase("时限：{due} 前", "Due: by {due}"),
        ),
    ),
    # Nobody took it over at the change of shift within the time the site gives.
    "handover_passed": Kind(
        subjects=(
            Phrase("{number} 交接班无人接手，转给您：{duty}", "{number} not taken at the handover, now yours: {duty}"),
            Phrase("{number} 交接班无人接手，转给您", "{number}: not taken at the handover, now yours"),
            *OTHER.subjects,
        ),
        what=(
            Phrase("交接班无人接手，转给您：{duty}", "Not taken at the handover, now yours: {duty}"),
            Phrase("交接班无人接手，转给您", "Not taken at the handover, now yours"),
        ),
        lines=(
            Phrase("事项：{duty}", "What: {duty}"),
            Phrase("原岗位：{late_post}", "Was with: {late_post}"),
            Phrase("交班人：{late_person}", "Handed over by: {late_person}"),
            Phrase("时限：{due} 前", "Due: by {due}"),
            Phrase("当前级别：{level}", "Level now: {level}"),
        ),
    ),
    # The roster has nobody after this shift.
    "handover_gap": Kind(
        subjects=(
            Phrase("{number} 无人接班：{late_post}", "{number}: nobody takes over as {late_post}"),
            *OTHER.subjects,
        ),
        what=(Phrase("{late_post}无人接班", "Nobody takes over as {late_post}"),),
        lines=(
            Phrase("无人接班的岗位：{late_post}", "Post that nobody takes over: {late_post}"),
            Phrase("交班人：{late_person}", "Handed over by: {late_person}"),
            Phrase("请安排人员，或到“交接班”接手。", "Please find somebody, or take over on the page “Handover”."),
        ),
    ),
    "level": Kind(
        subjects=(
            Phrase("{number} 级别：{level}（{colour}）", "{number} level: {level} ({colour})"),
            Phrase("{number} 级别：{level}", "{number} level: {level}"),
            Phrase("{number} 级别有变化", "{number}: the level has changed"),
            *OTHER.subjects,
        ),
        what=(
            Phrase("级别定为“{level}”（{colour}）", "The level is {level} ({colour})"),
            Phrase("级别定为“{level}”", "The level is {level}"),
            Phrase("级别有变化", "The level has changed"),
        ),
        lines=(
            Phrase("级别：{level}", "Level: {level}"),
            Phrase("时间：{at}", "Since: {at}"),
            Phrase("原因：{reason}", "Reason: {reason}"),
        ),
    ),
    # HJ-2-14: everyone who was told is told again when the service is back.
    "recovered": Kind(
        subjects=(
            Phrase("{number} 已恢复：{title}", "{number} restored: {title}"),
            Phrase("{number} 已恢复", "{number}: restored"),
            *OTHER.subjects,
        ),
        what=(Phrase("已恢复正常", "Back to normal"),),
        lines=(
            Phrase("此前通知您的事件已恢复。", "The incident you were told about has been restored."),
            Phrase("恢复时间：{at}", "Restored: {at}"),
        ),
    ),
    # Reported in error: everyone who was told is told.
    "cancelled": Kind(
        subjects=(
            Phrase("{number} 已撤销：{title}", "{number} cancelled: {title}"),
            Phrase("{number} 已撤销", "{number}: cancelled"),
            *OTHER.subjects,
        ),
        what=(Phrase("事件系误报，已撤销", "Reported in error; the incident is cancelled"),),
        lines=(
            Phrase(
                "此前通知您的事件系误报，已撤销，无需继续处置。",
                "The incident you were told about was reported in error and is cancelled. Nothing more to do.",
            ),
            Phrase("撤销原因：{reason}", "Reason: {reason}"),
            Phrase("撤销时间：{at}", "Cancelled: {at}"),
        ),
    ),
    "merged": Kind(
        subjects=(
            Phrase("{number} 已并入 {into_number}", "{number} merged into {into_number}"),
            Phrase("{number} 已并入另一事件", "{number}: merged into another incident"),
            *OTHER.subjects,
        ),
        what=(
            Phrase("已并入 {into_number}，请以该事件为准", "Merged into {into_number}; please follow that one"),
            Phrase("已并入另一事件", "Merged into another incident"),
        ),
        lines=(
            Phrase(
                "同一情况已有记录，本事件并入 {into_number}，请以该事件为准。",
                "The same situation was recorded already: this incident is merged into {into_number}; follow that one.",
            ),
            Phrase("继续处置的事件：{into_number} {into_title}", "Goes on as: {into_number} {into_title}"),
        ),
    ),
    # Somebody wants to know whether this way of reaching the person works: answered in time, it does.
    "contact_test": Kind(
        subjects=(
            Phrase("联系测试：请在 {due} 前确认（{site}）", "Contact test: please confirm by {due} ({site})"),
            Phrase("联系测试（{site}）", "Contact test ({site})"),
            Phrase("联系测试", "Contact test"),
        ),
        what=(
            Phrase("联系测试：收到请在 {due} 前确认", "Contact test: please confirm by {due}"),
            Phrase("联系测试：收到请确认", "Contact test: please confirm"),
        ),
        lines=(
            Phrase(
                "这是一次联系测试，不是事件：只看您此刻能否收到并确认，无需处置。",
                "This is a test of how you are reached, not an incident: nothing to do but to confirm.",
            ),
            Phrase("请在 {due} 前确认。", "Please confirm by {due}."),
        ),
        ask=Phrase("收到请确认。", "Please confirm that this reached you."),
    ),
    # Somebody is asked to come, to stay longer or to start early; `overtime` is shown, it stops nobody.
    "call_out": Kind(
        subjects=(
            Phrase("{number} 请{offer}（{post}）", "{number} please {offer} ({post})"),
            Phrase("{number} 请您到岗", "{number}: please come in"),
            *OTHER.subjects,
        ),
        what=(Phrase("请{offer}（{post}）", "Please {offer} ({post})"), Phrase("请您到岗", "Please come in")),
        lines=(
            Phrase("召集岗位：{post}", "Needed as: {post}"),
            Phrase("到位时间：{due} 前", "Needed by: {due}"),
            Phrase("{overtime}", "{overtime}"),
            Phrase("{limits}", "{limits}"),
        ),
        ask=Phrase("请答复：来，大约几点到；或者不能来。", "Please answer: coming, and when; or not able to come."),
    ),
    "stood_down": Kind(
        subjects=(Phrase("{number} 不用来了，谢谢", "{number}: no need to come, thank you"), *OTHER.subjects),
        what=(Phrase("不用来了，谢谢", "No need to come, thank you"),),
        lines=(
            Phrase("人已经够了，或者不再需要。谢谢您。", "There are enough people, or none are needed. Thank you."),
            Phrase("召集岗位：{post}", "Asked as: {post}"),
        ),
    ),
    # A week of the roster was published, and the recipient's shifts in it are others than before.
    "roster_changed": Kind(
        subjects=(
            Phrase("{week}一周的班次有变化（{site}）", "Your shifts in the week of {week} ({site})"),
            Phrase("您的班次有变化", "Your shifts have changed"),
        ),
        what=(
            Phrase("{week}起一周，您的班次：{shifts}", "Week of {week}, your shifts: {shifts}"),
            Phrase("您的班次有变化，请看值班表", "Your shifts have changed; please look at the roster"),
        ),
        lines=(
            Phrase("{week}起一周的值班表，第 {edition} 版。", "Roster of the week of {week}, edition {edition}."),
            Phrase("您的班次：{shifts}", "Your shifts: {shifts}"),
        ),
        ask=Phrase("请看一下，不需要答复。", "Please have a look; no answer is needed."),
    ),
    "test": Kind(
        subjects=(Phrase("测试通知（{site}）", "Test notice ({site})"), Phrase("测试通知", "Test notice")),
        what=(Phrase("这是一条测试通知，用来检查本通道是否畅通", "This is a test of the channel"),),
        lines=(
            Phrase(
                "这是一条测试通知，用来检查本通道是否畅通，无需处置。",
                "This is a test of the channel. Nothing to do.",
            ),
        ),
    ),
}
