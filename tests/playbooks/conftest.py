"""Tests of the law begin with empty tables."""

import pytest


@pytest.fixture(autouse=True)
def _bare(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("bare")
