"""Which law holds for a debtor, and what it never allows: consumers are protected here, whoever asks.

A regime says what may be charged for late payment: of one kind of debtor, in some countries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

BUSINESS = "business"
CONSUMER = "consumer"
PUBLIC = "public"

# From when on interest runs.
FROM_DUE = "due"
FROM_NOTICE = "notice"

# Why nothing, or no interest, is charged.
NO_REGIME = "no_regime"
RATE_MISSING = "rate_missing"
NO_NOTICE = "no_notice"
NOT_LATE = "not_late"


@dataclass(frozen=True, slots=True)
class Regime:
    """What decides whether a regime holds for a debtor.

    ``countries`` are its own; ``group`` those of a rule that holds where a country has none of its own.
    A regime of the company itself (its terms and conditions) goes before those that come with the addon.
    """

    id: Any
    kind: str
    countries: frozenset[str] = frozenset()
    group: frozenset[str] = frozenset()
    company: Any = None
    rank: tuple = ()


def choose(regimes: Iterable[Regime], kind: str, country: str | None, company: Any) -> Regime | None:
    """Return the regime of a debtor: the company's own, the country's, that of the countries around it.

    Never one of another kind: where nothing is known of a country's consumers, they owe nothing but the principal.

    >>> eu = Regime("eu", BUSINESS, group=frozenset({"FR", "FI"}))
    >>> fr = Regime("fr", BUSINESS, frozenset({"FR"}))
    >>> own = Regime("own", BUSINESS, frozenset({"FR"}), company=7)
    >>> [choose([eu, fr, own], BUSINESS, *debtor).id for debtor in (("FI", 7), ("FR", 1), ("FR", 7))]
    ['eu', 'fr', 'own']
    >>> choose([eu, fr, own], CONSUMER, "FR", 7), choose([eu, fr], BUSINESS, "US", 7)
    (None, None)
    """
    found = [
        regime
        for regime in regimes
        if regime.kind == kind and regime.company in (None, company) and country in regime.countries | regime.group
    ]
    return min(
        found, key=lambda regime: (country not in regime.countries, regime.company is None, regime.rank), default=None
    )


def is_allowed(regime_kind: str, debtor_kind: str) -> bool:
    """Whether a regime of one kind may be applied to a debtor of another.

    A consumer is charged by a consumers' regime or not at all; whoever isn't one is free to be treated as one.

    >>> is_allowed(BUSINESS, CONSUMER), is_allowed(CONSUMER, CONSUMER), is_allowed(PUBLIC, BUSINESS)
    (False, True, True)
    """
    return debtor_kind != CONSUMER or regime_kind == CONSUMER


def bears_fixed_sum(debtor_kind: str) -> bool:
    """Whether recovery costs may be asked as a fixed sum: never of a consumer (CPCE L111-8, directive 2011/7).

    >>> [kind for kind in (BUSINESS, CONSUMER, PUBLIC) if bears_fixed_sum(kind)]
    ['business', 'public']
    """
    return debtor_kind != CONSUMER
