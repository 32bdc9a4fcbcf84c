"""Who calls whom: the calls that plans ask for, as trees in which every post stands once. Pure: no Django."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Branch:
    """A post, whom it calls, and who else calls it."""

    post: str
    calls: "tuple[Branch, ...]" = ()
    also_by: tuple[str, ...] = ()


def grow(calls: Iterable[tuple[str, str]]) -> tuple[Branch, ...]:
    """Trees of (caller, called) in the order given.

    Each post stands under the caller that is nearest to a root, so a chain is as short as the plans allow. A root is
    called by nobody; of a ring its first caller is one.
    """
    edges: dict[str, dict[str, None]] = {}
    for caller, called in calls:
        if caller != called:
            edges.setdefault(caller, {})[called] = None
    called_by: dict[str, list[str]] = {}
    for caller, ones in edges.items():
        for one in ones:
            called_by.setdefault(one, []).append(caller)
    parent: dict[str, str] = {}
    roots: list[str] = []
    _spread([caller for caller in edges if caller not in called_by], edges, parent, roots)
    for caller in edges:
        if caller not in parent and caller not in roots:
            _spread([caller], edges, parent, roots)
    children: dict[str, list[str]] = {}
    for post, under in parent.items():
        children.setdefault(under, []).append(post)
    return tuple(_branch(root, "", children, called_by) for root in roots)


def _spread(starts: Sequence[str], edges: dict[str, dict[str, None]], parent: dict[str, str], roots: list[str]) -> None:
    """Put everybody who can be reached from these roots under the first who calls them, level by level."""
    roots.extend(starts)
    waiting = list(starts)
    for caller in waiting:
        for one in edges.get(caller, ()):
            if one not in parent and one not in roots:
                parent[one] = caller
                waiting.append(one)


def _branch(post: str, under: str, children: dict[str, list[str]], called_by: dict[str, list[str]]) -> Branch:
    return Branch(
        post=post,
        calls=tuple(_branch(one, post, children, called_by) for one in children.get(post, ())),
        also_by=tuple(caller for caller in called_by.get(post, ()) if caller != under),
    )
