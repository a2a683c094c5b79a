"""Whether an answer to an SMS asks for no more of them."""

import re
import unicodedata

WORDS = frozenset(
    {
        "abmelden",
        "afmelden",
        "arret",
        "arreter",
        "arretez",
        "baja",
        "basta",
        "cancel",
        "desabonnement",
        "desabonner",
        "desinscription",
        "desinscrire",
        "end",
        "optout",
        "quit",
        "revoke",
        "stop",
        "stopall",
        "stopp",
        "stopsms",
        "unsub",
        "unsubscribe",
    }
)
# What people write around the word without meaning anything else.
POLITE = frozenset({"all", "au", "bitte", "danke", "merci", "opt", "out", "please", "sms", "svp", "thanks"})
# The number that a text names to answer to: "STOP au 36111".
SHORT_NUMBER = re.compile(r"\d{3,6}")
MAX_WORDS = 4


def is_stop(text: str) -> bool:
    """Whether ``text`` is one of the usual forms of STOP: the word, with nothing else that means something.

    >>> all(map(is_stop, ("STOP", " Stop. ", "«stop»", "stop sms", "STOP 36111", "Arrêt", "opt-out", "Arrêtez svp")))
    True
    >>> [is_stop(text) for text in ("I can't stop by today", "Stop, I paid on Monday", "", "non stop", "please")]
    [False, False, False, False, False]
    >>> is_stop("STOP au 38080"), is_stop("Désabonnement merci"), is_stop("Stop 1 200 EUR"), is_stop("36111")
    (True, True, False, False)
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("opt-out", "optout").replace("opt out", "optout"))
    if not words or len(words) > MAX_WORDS or words[0] not in WORDS:
        return False
    return all(word in POLITE | WORDS or SHORT_NUMBER.fullmatch(word) for word in words[1:])
