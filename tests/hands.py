"""Somebody who works through an incident by the pages alone: opens each dialog, fills what it asks for, submits."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client

from incident import clock
from incident.models import Duty, Incident
from staffing.models import User

HTMX = {"HX-Request": "true"}  # as the page itself asks: for the dialog alone


@dataclass
class Page(HTMLParser):
    """The first dialog of a page: its action, its buttons, and its controls with what they hold and offer."""

    values: dict[str, str] = field(default_factory=dict)
    offers: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    action: str = ""
    inside: bool = False
    writing: str = ""
    choosing: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form" and "dialog-form" in given.get("class", "") and not self.action:
            self.action, self.inside = given["action"], True
        elif not self.inside:
            return
        elif tag == "option" and value:
            self._offer(self.choosing, value, chosen="selected" in given)
        elif tag == "button" and "disabled" not in given:
            self.buttons.append(value)
        elif tag == "textarea":
            self.values.setdefault(name, "")
            self.writing = name
        elif tag == "select":
            self.choosing = name
        elif tag == "input":
            self._input(name, value, given)

    def _input(self, name: str, value: str, given: dict[str, str]) -> None:
        if given.get("type") in ("radio", "checkbox"):
            self._offer(name, value, chosen="checked" in given)
            return
        self.values.setdefault(name, value)
        self.kinds[name] = _kind(given)

    def _offer(self, name: str, value: str, *, chosen: bool) -> None:
        self.offers.setdefault(name, []).append(value)
        if chosen:
            self.values[name] = value

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.values[self.writing] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "textarea":
            self.writing = ""
        if tag == "select":
            self.choosing = ""


class Hand:
    """One person signed in. Every answer that is not what a person expects fails the test with its words."""

    def __init__(self, user: User) -> None:
        self.user, self.client = user, Client()
        self.client.force_login(user)

    def dialog(self, path: str) -> Page:
        answer = self.client.get(path, headers=HTMX)
        assert answer.status_code == 200, (path, answer.status_code)
        page = Page()
        page.feed(answer.content.decode())
        assert page.action, path
        return page

    def send(self, page: Page, **more: str) -> None:
        """Submit the dialog with something in every field that is still empty."""
        form = {name: value or _something(name, page.kinds.get(name, "")) for name, value in page.values.items()}
        form |= {name: offered[0] for name, offered in page.offers.items() if name not in form}
        answer = self.client.post(page.action, form | more, headers=HTMX)
        assert answer.status_code in (200, 204, 302, 303), (page.action, answer.status_code, _alerts(answer))

    def step(self, incident: Incident, name: str) -> None:
        self.send(self.dialog(f"/incidents/{incident.number}/steps/{name}/"))

    def finish(self, duty: Duty, **more: str) -> None:
        """End one duty the way its dialog offers: call, write and finish, sign, choose or tick."""
        page = self.of(duty)
        if duty.kind == "call":
            self.send(page, do="called", reason="")
        elif "save" in page.buttons and "finish" in page.buttons:
            self.send(page, do="save")
            again = self.of(duty)
            rows = "item-" in "".join(again.values) and not any(
                value for name, value in again.values.items() if name.startswith("item-")
            )
            self.send(again, do="finish", **(_blank(again) if rows else {}), **more)
        else:
            self.send(page, **more)

    def sign(self, duty: Duty) -> None:
        """Sign beside somebody else, changing nothing that was written."""
        page = self.of(duty)
        self.send(page, do="finish")

    def of(self, duty: Duty) -> Page:
        return self.dialog(f"/incidents/{duty.incident.number}/duties/{duty.pk}/")


def _blank(page: Page) -> dict[str, str]:
    """No further line: every item of the form empty, so that only the lines before are finished."""
    return {name: "" for name in (*page.values, *page.offers) if name.startswith("item-")}


def _kind(given: dict[str, str]) -> str:
    if given.get("type") in ("tel", "date", "hidden"):
        return given["type"]
    if given.get("inputmode") == "decimal":
        return "number"
    return "time" if given.get("placeholder") == "14:30" else "text"


def _something(name: str, kind: str) -> str:
    """A plausible word for an empty field; the time of an action stays empty, which means now."""
    if kind == "hidden" or not name.startswith("item-"):
        return "" if kind in ("hidden", "time") or name in ("at", "deputed") else "已办"
    moment = clock.wall_now().astimezone(clock.ZONE)
    return {
        "tel": "000-0000-0001",
        "date": f"{moment + timedelta(days=40):%Y-%m-%d}",
        "number": "1",
        "time": f"{moment:%Y-%m-%d %H:%M}",
    }.get(kind, "示例")


def _alerts(answer: HttpResponse) -> str:
    """What the page complains of."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    found = re.findall(r'is-error"[^>]*>\s*([^<]+)<', text)
    return " | ".join(filter(None, (one.strip() for one in found)))
