"""Puts a notice into words for the person on a rung, ready for a transport."""

from django.conf import settings
from django.template.loader import render_to_string

from notices import links, words
from notices.catalogue import Phrase
from notices.models import Notice
from notices.transports import base

_ANSWER = Phrase("确认收到", "Confirm receipt")
_ANSWERS = {"call_out": Phrase("答复来不来", "Say whether you come")}
_OPEN = Phrase("打开指挥台", "Open the console")
_FOOTER = Phrase(
    "此邮件由应急指挥台自动发送，请勿回复。链接仅供您本人使用。",
    "Sent automatically by the incident console; please do not reply. The link is meant for you alone.",
)


def words_for(notice: Notice, rung: int) -> words.Words:
    """The words in the language of the person on this rung."""
    return words.render(
        kind=notice.kind, data=notice.data, language=str(notice.rung_at(rung).get("language", "")), mode=notice.mode
    )


def message(notice: Notice, rung: int) -> base.Message:
    """The message of a rung: the same for every try."""
    place = notice.rung_at(rung)
    said = words_for(notice, rung)
    link = settings.BASE_URL + links.path(notice, rung)
    answer = _say(_ANSWERS.get(notice.kind, _ANSWER), said)
    return base.Message(
        key=f"{notice.key}/{rung}",
        address=str(place.get("address") or ""),
        person=words.one_line(place.get("person")),
        user_id=place.get("user_id"),
        language=said.language,
        mode=notice.mode,
        subject=said.subject,
        text=_text(said, link, _page(notice), answer),
        html=_html(said, link, _page(notice), answer),
        link=link,
        kind=notice.kind,
        data=notice.data,
    )


def _page(notice: Notice) -> str:
    """Address of the incident's page; only a path of this console, whatever the data says."""
    path = notice.data.get("path") if isinstance(notice.data, dict) else None
    if not isinstance(path, str) or not path.startswith("/") or path.startswith("//"):
        return ""
    return settings.BASE_URL + words.one_line(path)


def _say(phrase: Phrase, said: words.Words) -> str:
    return phrase.en if said.language == "en" else phrase.zh


def _text(said: words.Words, link: str, page: str, answer: str) -> str:
    parts = [*said.lines, "", said.ask, f"{answer}: {link}"]
    if page:
        parts.append(f"{_say(_OPEN, said)}: {page}")
    return "\n".join([*parts, "", "-- ", _say(_FOOTER, said), ""])


def _html(said: words.Words, link: str, page: str, answer: str) -> str:
    return render_to_string(
        "notices/email.html",
        {
            "words": said,
            "link": link,
            "page": page,
            "answer": answer,
            "open": _say(_OPEN, said),
            "footer": _say(_FOOTER, said),
        },
    )
