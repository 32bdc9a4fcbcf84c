"""What is pushed is the same for everybody who sees it alike: nothing in it is anybody's own."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import translation

from incident import pages, sweep
from staffing.models import Contact, Membership, User

TELEPHONE = re.compile(r"000-\d{4}-\d{4}|(?<![\w-])1[3-9]\d{9}(?!\w)")
PERSONAL = re.compile(r"csrf|csrfmiddlewaretoken|nonce=|session", re.IGNORECASE)


@pytest.fixture
def twin_of(world):
    """Another person with the very same rights."""

    def make(user):
        other = User.objects.create(
            username=f"{user.username}-twin",
            name="另一位",
            password=make_password(None),
            language=user.language,
        )
        for membership in Membership.objects.filter(user=user):
            Membership.objects.create(user=other, site=membership.site, role=membership.role)
        return other

    return make


@pytest.fixture
def busy(report, now, minutes):
    """Incidents in which something has happened."""
    incidents = [report("HJ-2", facts={"scope": "all_applications"}), report("KF-4"), report("HJ-5.1")]
    sweep.sweep(now=now + minutes(11))
    return incidents


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("page", sorted(pages.PAGES))
def test_a_pushed_page_is_nobodys_own(page, language, busy, twin_of, now, minutes, dana, omar, vera):
    number = busy[0].number if page == "room" else None
    for user in (dana, omar, vera):
        with translation.override(language):
            mine = pages.audience_for(user, page, number)
            theirs = pages.audience_for(twin_of(user), page, number)
            assert mine == theirs
            painted = pages.render(mine, None, now + minutes(12)).html
            again = pages.render(theirs, None, now + minutes(12)).html
        assert painted == again
        assert set(painted) == set(pages.PAGES[page].regions)
        for region, html in painted.items():
            assert f'id="{region}"' in html, region
            assert not PERSONAL.search(html), region
            assert not TELEPHONE.search(html), region


def test_no_address_of_a_person_is_pushed(busy, dana, now, minutes):
    addresses = set(Contact.objects.exclude(address="").values_list("address", flat=True))
    assert addresses
    for page in pages.PAGES:
        audience = pages.audience_for(dana, page, busy[0].number if page == "room" else None)
        html = "".join(pages.render(audience, None, now + minutes(12)).html.values())
        assert not [address for address in addresses if address in html]


def test_a_region_asked_for_alone_is_the_same_bytes(busy, dana, now, minutes):
    audience = pages.audience_for(dana, "room", busy[0].number)
    whole = pages.render(audience, None, now + minutes(12)).html
    for region, html in whole.items():
        assert pages.render(audience, [region], now + minutes(12)).html == {region: html}


def test_a_page_first_shows_what_is_pushed_later(busy, dana, client):
    """The first paint holds every region, rendered by the same file."""
    client.force_login(dana)
    for page, path in {"dashboard": "/dashboard/", "desk": "/desk/", "room": f"/incidents/{busy[0].number}/"}.items():
        html = client.get(path).content.decode()
        assert [region for region in pages.PAGES[page].regions if html.count(f'id="{region}"') != 1] == []
