"""Whether an answer to an SMS asks for no more of them."""

import re
import unicodedata

WORDS = frozenset(
    {
        "arret",
        "arreter",
        "arretez",
        "baja",
        "basta",
        "cancel",
        "desabonner",
        "desinscription",
        "end",
        "optout",
        "quit",
        "stop",
        "stopall",
        "stopp",
        "stopsms",
        "unsubscribe",
    }
)
# What people write around the word without meaning anything else.
POLITE = frozenset({"all", "merci", "please", "sms", "svp", "thanks", "out", "opt", "au", "36111", "36180", "36200"})
MAX_WORDS = 4


def is_stop(text: str) -> bool:
    """Whether ``text`` is one of the usual forms of STOP: the word, with nothing else that means something.

    >>> all(map(is_stop, ("STOP", " Stop. ", "«stop»", "stop sms", "STOP 36111", "Arrêt", "opt-out", "Arrêtez svp")))
    True
    >>> [is_stop(text) for text in ("I can't stop by today", "Stop, I paid on Monday", "", "non stop", "please")]
    [False, False, False, False, False]
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("opt-out", "optout").replace("opt out", "optout"))
    return bool(words) and len(words) <= MAX_WORDS and words[0] in WORDS and set(words[1:]) <= POLITE | WORDS
