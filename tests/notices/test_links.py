"""Signed links: the same for every try, good for a week, and no other."""

from datetime import timedelta

import pytest

from notices import links
from notices.models import Notice
from tests.notices.builders import NOW

NOTICE = Notice(pk=42, created_at=NOW)


def token(rung: int = 1) -> str:
    path = links.path(NOTICE, rung)
    assert path.startswith("/a/")
    assert path.endswith("/")
    return path.removeprefix("/a/").removesuffix("/")


def test_it_names_the_notice_and_the_rung() -> None:
    assert links.read(token(), now=NOW) == (42, 1)
    assert token() == token() != token(2)


def test_it_fits_into_a_path() -> None:
    assert set(token()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(token()) < 80


def test_it_ends_after_a_week() -> None:
    assert links.read(token(), now=NOW + links.LIFETIME) == (42, 1)
    with pytest.raises(links.LinkError) as caught:
        links.read(token(), now=NOW + links.LIFETIME + timedelta(seconds=1))
    assert caught.value.reason == "expired"


def other_notice() -> str:
    return "43" + token()[2:]


def longer_life() -> str:
    content, signature = token().rsplit(".", 1)
    notice, rung, expires = content.split("-")
    return f"{notice}-{rung}-{int(expires) + 86400}.{signature}"


def cut() -> str:
    return token()[:-1]


@pytest.mark.parametrize(
    "forge", [other_notice, longer_life, cut, lambda: "", lambda: "x", lambda: "1-1-1.x", lambda: "…"]
)
def test_what_was_changed_is_forged(forge) -> None:
    with pytest.raises(links.LinkError) as caught:
        links.read(forge(), now=NOW)
    assert caught.value.reason == "forged"


def test_another_key_signs_another_token(settings) -> None:
    ours = token()
    settings.LINK_KEY = "another"
    with pytest.raises(links.LinkError):
        links.read(ours, now=NOW)
