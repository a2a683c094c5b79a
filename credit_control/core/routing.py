"""Through which channels a message goes: the step's own, the customer's preferred, or a fallback.

>>> reach = {1: "no_contact", 2: "", 3: ""}
>>> route((1, 3), fallbacks={1: 2}, reach=reach.get)
((Route(channel=2, instead_of=1), Route(channel=3, instead_of=None)), None)
>>> route((1,), fallbacks={}, reach=reach.get)
((), 'no_contact')
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import reasons


@dataclass(frozen=True, slots=True)
class Route:
    """A channel that reaches the customer, and the one of the step that it stands in for."""

    channel: int
    instead_of: int | None = None


def route(
    wanted: tuple[int, ...],
    fallbacks: Mapping[int, int],
    reach: Callable[[int], str],
    preferred: int | None = None,
    replaceable: frozenset[int] = frozenset(),
) -> tuple[tuple[Route, ...], str | None]:
    """Return the channels to use, each once, and the leading reason where there is none.

    :param wanted: the step's channels, in order
    :param fallbacks: the channel to try where one doesn't reach the customer
    :param reach: gives the reason why a channel doesn't reach the customer, empty where it does
    :param preferred: the customer's channel; it takes the place of those ``replaceable``
    """
    routes, refusals = {}, set()
    for channel in wanted:
        asked = preferred if preferred and channel in replaceable else channel
        found, reason = _first_reaching(asked, fallbacks, reach)
        if found is None and asked != channel:
            found, reason = _first_reaching(channel, fallbacks, reach)
        if found is None:
            refusals.add(reason)
        elif found not in routes:
            routes[found] = Route(found, channel if found != channel else None)
    return tuple(routes.values()), None if routes else reasons.leading(refusals or {reasons.NO_CONTACT})


def _first_reaching(channel, fallbacks, reach):
    """Follow the fallbacks from ``channel``; the reason is that of the channel asked first."""
    tried, first_reason = set(), ""
    while channel and channel not in tried:
        reason = reach(channel)
        if not reason:
            return channel, ""
        first_reason = first_reason or reason
        tried.add(channel)
        channel = fallbacks.get(channel)
    return None, first_reason
