"""The customers of the demonstration ledger and the situation that each of them is in.

Invented companies only. What is open is listed item by item, by its days overdue on the day
of the demonstration (negative: not due yet); what was paid before is history, made by
:mod:`script` from the customer's pace and habit.
"""

from dataclasses import dataclass

BUSINESS, CONSUMER, PUBLIC, KEY = "business", "consumer", "public", "key"


@dataclass(frozen=True)
class Open:
    """An open invoice: its amount in the customer's currency, taxes included, and what happened to it.

    ``paid`` came in ``paid_ago`` days ago. ``disputed`` and ``promised`` are parts of it (0 < part;
    ``ALL`` for the whole). ``outcome`` is how its dispute was decided: a key of ``OUTCOMES``.
    ``promised_in`` is the day of the promise, negative where it was broken.
    """

    late: int
    amount: float
    paid: float = 0.0
    paid_ago: int = 5
    disputed: float = 0.0
    reason: str = "quality"
    outcome: str = ""
    promised: float = 0.0
    promised_in: int = 6
    paused: bool = False
    blocked: bool = False
    returned_ago: int = 0
    instalments: bool = False
    bill: bool = False


ALL = float("inf")
# How a dispute was decided, with the explanation that was given.
OUTCOMES = {
    "credited": "Erreur de tarif sur deux lignes : avoir émis.",
    "credit_due": "Palette manquante confirmée par le transporteur : avoir à établir.",
    "justified": "La facture n'était pas arrivée : copie envoyée, rien à créditer.",
    "unjustified": "Le bon de livraison est signé sans réserve.",
}


@dataclass(frozen=True)
class Plan:
    """All that is open is paid in ``count`` monthly instalments.

    The first was to be paid ``first_ago`` days ago, and the plan was agreed ten days before; the first
    ``paid`` of them were received. The first of the others that lies in the past was missed.
    """

    first_ago: int
    count: int = 3
    paid: int = 1


@dataclass(frozen=True)
class Procedure:
    """A collective procedure: what kind, days since the judgment, its publication and our declaration (0: none yet)."""

    kind: str
    judged_ago: int
    published_ago: int
    declared_ago: int = 0


@dataclass(frozen=True)
class Litigation:
    """What is overdue was given to an agency or a lawyer ``handed_ago`` days ago (0: it is being prepared).

    ``costs`` are (what for, amount, does the customer bear it); ``recovered`` came in since.
    """

    kind: str
    handler: str
    handed_ago: int = 0
    deadline_in: int = 30
    costs: tuple[tuple[str, float, bool], ...] = ()
    recovered: float = 0.0


@dataclass(frozen=True)
class Customer:
    """A customer: who they are, how they buy and pay, and what is open now.

    ``pace`` days between invoices of about ``size``; they pay ``habit`` days after the due
    date on average. ``credit`` and ``refund`` are an unallocated payment, which names the oldest
    open invoice where it ``tells_why``, and an open credit note. ``reminded`` is what became of
    a message some days ago: sent, bounced, uncertain.
    """

    name: str
    kind: str
    city: str
    zip: str
    pace: int
    size: float
    habit: int
    items: tuple[Open, ...] = ()
    term: int = 30
    currency: str = "EUR"
    country: str = "FR"
    lang: str = "fr_FR"
    email: bool = True
    street: bool = True
    roles: tuple[str, ...] = ("payable",)
    credit: float = 0.0
    tells_why: bool = False
    refund: float = 0.0
    opening: float = 0.0
    paused: bool = False
    blacklisted: bool = False
    debit: bool = False
    reminded: str = ""
    plan: Plan | None = None
    procedure: Procedure | None = None
    litigation: Litigation | None = None


def _named(*situations):
    return tuple(Customer(*head, tuple(items), **values) for head, items, values in situations)


# One customer at least for each reason that the engine knows.
SITUATIONS = _named(
    # Reminded: a step is due, from the courtesy to the decision.
    (("Boulangerie Exemple", BUSINESS, "Lille", "59000", 21, 900, 8), [Open(4, 1140), Open(-26, 940)], {}),
    (("Atelier Nord", BUSINESS, "Roubaix", "59100", 30, 1800, 3), [Open(8, 1120)], {"roles": ("payable", "director")}),
    (
        ("Épicerie des Halles", BUSINESS, "Dijon", "21000", 24, 650, 14),
        [Open(17, 712), Open(3, 655), Open(-20, 690)],
        {},
    ),
    (("Hôtel de la Plage", BUSINESS, "La Baule", "44500", 28, 2400, 22), [Open(34, 2380), Open(6, 2150)], {}),
    (
        ("Restaurant du Pont", BUSINESS, "Lyon", "69002", 18, 840, 25),
        [Open(48, 905.5), Open(19, 870), Open(-9, 850)],
        {},
    ),
    (("Traiteur des Lilas", BUSINESS, "Les Lilas", "93260", 30, 3100, 40), [Open(71, 3260), Open(40, 2890)], {}),
    (("Café de la Gare", BUSINESS, "Tours", "37000", 35, 420, 60), [Open(124, 512), Open(96, 438)], {}),
    (("Salon de Thé du Parc", BUSINESS, "Nancy", "54000", 32, 380, 2), [Open(-4, 395)], {}),
    # Nothing to say yet.
    (("Crêperie du Port", BUSINESS, "Vannes", "56000", 26, 510, 0), [Open(-14, 530), Open(-27, 498)], {}),
    (("Brasserie du Marché", BUSINESS, "Nantes", "44000", 22, 760, 1), [Open(1, 744), Open(-21, 780)], {}),
    # Held back, item by item.
    (
        ("Moulin de la Vallée", BUSINESS, "Chartres", "28000", 30, 5200, 6),
        [Open(26, 5340, disputed=ALL, reason="quality"), Open(5, 4980)],
        {},
    ),
    (
        ("Pâtisserie Centrale", BUSINESS, "Reims", "51100", 25, 1250, 10),
        [Open(38, 1310, disputed=400, reason="delivery"), Open(9, 1220)],
        {},
    ),
    (
        ("Cantine des Tilleuls", BUSINESS, "Angers", "49000", 30, 1900, 12),
        [Open(22, 1950, promised=ALL, promised_in=6), Open(-8, 1870)],
        {},
    ),
    (
        ("Glacier du Lac", BUSINESS, "Annecy", "74000", 30, 1400, 18),
        [Open(45, 2000, promised=1200, promised_in=4), Open(14, 1380)],
        {},
    ),
    (
        ("Auberge de la Forêt", BUSINESS, "Gérardmer", "88400", 34, 1600, 30),
        [Open(52, 2000, promised=ALL, promised_in=-9)],
        {},
    ),
    (("Chocolaterie Exemple", BUSINESS, "Bayonne", "64100", 27, 990, 5), [Open(19, 1015, paused=True)], {}),
    (("Snack du Stade", BUSINESS, "Lens", "62300", 40, 310, 15), [Open(33, 325), Open(12, 298)], {"paused": True}),
    (("Biscuiterie de l'Ouest", BUSINESS, "Brest", "29200", 30, 2700, 4), [Open(15, 2740, blocked=True)], {}),
    (("Comptoir des Saveurs", BUSINESS, "Rennes", "35000", 45, 880, 7), [], {"opening": 1460.0}),
    (
        ("Minoterie du Sud", BUSINESS, "Avignon", "84000", 30, 4100, 2),
        [Open(6, 4230), Open(-24, 4050)],
        {"debit": True},
    ),
    (
        ("Viennoiserie Express", BUSINESS, "Créteil", "94000", 20, 1150, 3),
        [Open(16, 1180, returned_ago=6)],
        {"debit": True},
    ),
    (("Grossiste du Centre", BUSINESS, "Bourges", "18000", 30, 6800, 5), [Open(4, 6900, bill=True)], {"term": 60}),
    # Held back, the customer as a whole.
    (("Pizzeria du Théâtre", BUSINESS, "Metz", "57000", 30, 540, 9), [Open(13, 560)], {"credit": 600.0}),
    (("Bistrot des Arts", BUSINESS, "Grenoble", "38000", 30, 460, 9), [Open(21, 470)], {"credit": 150.0}),
    # Paid, but nobody has matched it yet: the sum of one item, a part that names its invoice, the sum of two.
    (
        ("Rôtisserie du Quai", BUSINESS, "Dieppe", "76200", 30, 630, 4),
        [Open(24, 640), Open(-6, 655)],
        {"credit": 640.0},
    ),
    (
        ("Conserverie du Littoral", BUSINESS, "Lorient", "56100", 30, 880, 10),
        [Open(37, 900), Open(12, 885)],
        {"credit": 500.0, "tells_why": True},
    ),
    (
        ("Huilerie des Alpilles", BUSINESS, "Arles", "13200", 28, 400, 7),
        [Open(33, 410), Open(15, 395), Open(-13, 420)],
        {"credit": 805.0},
    ),
    (("Confiserie Royale", BUSINESS, "Montpellier", "34000", 30, 1900, 8), [Open(18, 1000)], {"refund": 400.0}),
    (("Kiosque du Jardin", BUSINESS, "Pau", "64000", 60, 60, 20), [Open(28, 18.4)], {}),
    (("Relais de la Côte", BUSINESS, "Nice", "06000", 30, 1300, 11), [Open(20, 1340)], {"reminded": "sent"}),
    (("Ferme des Trois Chênes", BUSINESS, "Laval", "53000", 30, 720, 11), [Open(23, 735)], {"reminded": "uncertain"}),
    (("Bar du Vieux Port", BUSINESS, "Marseille", "13002", 30, 610, 11), [Open(16, 634)], {"reminded": "bounced"}),
    (
        ("Fromagerie du Plateau", BUSINESS, "Aurillac", "15000", 30, 830, 6),
        [Open(12, 845)],
        {"blacklisted": True, "street": False},
    ),
    (
        ("Camion Gourmand", BUSINESS, "Toulouse", "31000", 30, 290, 16),
        [Open(19, 305)],
        {"email": False, "street": False, "roles": ()},
    ),
    (
        ("Auberge du Col", BUSINESS, "Briançon", "05100", 30, 570, 14),
        [Open(25, 588), Open(-3, 561)],
        {"email": False, "roles": ()},
    ),
    # Disputes that were decided, each way.
    (
        ("Laiterie du Bocage", BUSINESS, "Fougères", "35300", 30, 1150, 6),
        [Open(31, 1200, disputed=211, reason="price", outcome="credited")],
        {},
    ),
    (
        ("Cafétéria du Lac", BUSINESS, "Gérardmer", "88400", 32, 900, 9),
        [Open(24, 860, disputed=ALL, reason="not_received", outcome="justified")],
        {},
    ),
    (
        ("Chocolats de la Tour", BUSINESS, "La Rochelle", "17000", 28, 950, 8),
        [Open(29, 980, disputed=300, reason="quality", outcome="unjustified")],
        {},
    ),
    (
        ("Épices et Farines", BUSINESS, "Perpignan", "66000", 30, 1500, 7),
        [Open(27, 1540, disputed=320, reason="delivery", outcome="credit_due")],
        {},
    ),
    # Payment plans: one that runs, one of which the second instalment was missed.
    (
        ("Brûlerie des Quais", BUSINESS, "Le Havre", "76600", 40, 2900, 20),
        [Open(55, 3000)],
        {"plan": Plan(first_ago=20)},
    ),
    (
        ("Maison de la Gaufre", BUSINESS, "Saumur", "49400", 40, 1700, 25),
        [Open(75, 1800), Open(8, 420)],
        {"plan": Plan(first_ago=40)},
    ),
    # Collective procedures: the claim is to be declared, or was.
    (
        ("Sandwicherie du Campus", BUSINESS, "Villeurbanne", "69100", 30, 900, 35),
        [Open(70, 960), Open(40, 1480), Open(-20, 520)],
        {"procedure": Procedure("reorganization", judged_ago=25, published_ago=12)},
    ),
    (
        ("Confitures du Verger", BUSINESS, "Agen", "47000", 45, 1300, 40),
        [Open(190, 1310), Open(160, 1275)],
        {"procedure": Procedure("liquidation", judged_ago=140, published_ago=128, declared_ago=95)},
    ),
    # Litigation: handed over, and being prepared.
    (
        ("Bar à Jus du Marché", BUSINESS, "Toulon", "83000", 35, 1400, 45),
        [Open(128, 1890), Open(101, 1240)],
        {
            "litigation": Litigation(
                "agency",
                "Agence de Recouvrement Exemple",
                handed_ago=24,
                costs=(("Ouverture du dossier", 60.0, False), ("Commission sur encaissement", 48.0, False)),
                recovered=400.0,
            )
        },
    ),
    (
        ("Pension du Moulin", BUSINESS, "Sarlat", "24200", 45, 2100, 50),
        [Open(146, 2150), Open(117, 2080)],
        {
            "litigation": Litigation(
                "lawyer",
                "Cabinet d'Avocats Exemple",
                deadline_in=12,
                costs=(("Provision sur honoraires", 350.0, True),),
            )
        },
    ),
    # Instalments, part payments.
    (
        ("Équipements Fournil", BUSINESS, "Orléans", "45000", 60, 9600, 3),
        [Open(11, 12400, instalments=True), Open(-20, 8900, instalments=True)],
        {},
    ),
    (("Maison des Desserts", BUSINESS, "Rouen", "76000", 30, 1500, 20), [Open(41, 1560, paid=600, paid_ago=12)], {}),
    # Public sector.
    (
        ("Mairie d'Exemple-sur-Loire", PUBLIC, "Exemple-sur-Loire", "45999", 30, 1750, 18),
        [Open(27, 1820), Open(-5, 1740)],
        {"roles": ("payable", "director")},
    ),
    (("Collège des Tilleuls", PUBLIC, "Amiens", "80000", 30, 980, 25), [Open(9, 1010), Open(54, 966)], {}),
    (("Centre Hospitalier de la Plaine", PUBLIC, "Saint-Denis", "93200", 15, 3600, 30), [Open(38, 3710)], {"term": 50}),
    (("Lycée du Belvédère", PUBLIC, "Besançon", "25000", 30, 1300, 12), [Open(-11, 1330)], {}),
    # Consumers.
    (("Particulier, commande 1042", CONSUMER, "Caen", "14000", 120, 85, 4), [Open(11, 92)], {"roles": ()}),
    (("Particulier, commande 1077", CONSUMER, "Blois", "41000", 150, 140, 9), [Open(29, 146.5)], {"roles": ()}),
    (("Particulier, commande 1103", CONSUMER, "Niort", "79000", 200, 60, 2), [Open(9, 12)], {"roles": ()}),
    (
        ("Particulier, commande 1119", CONSUMER, "Évreux", "27000", 200, 230, 30),
        [Open(47, 238)],
        {"roles": (), "email": False},
    ),
    # Key accounts.
    (
        ("Groupe Hôtelier Exemple", KEY, "Paris", "75008", 10, 12500, 12),
        [Open(33, 24800), Open(12, 13100), Open(2, 12750), Open(-18, 12400)],
        {"term": 45, "roles": ("payable", "buyer", "director")},
    ),
    (
        ("Restauration Collective Nationale", KEY, "Nanterre", "92000", 12, 18500, 8),
        [Open(19, 18900, disputed=2100, reason="price"), Open(-11, 19250)],
        {"term": 45, "roles": ("payable", "buyer", "director")},
    ),
    (
        ("Enseigne Grand Nord", KEY, "Villeneuve-d'Ascq", "59650", 14, 9800, 5),
        [Open(6, 10100), Open(-20, 9900)],
        {"term": 60, "roles": ("payable", "buyer")},
    ),
    # Other currencies and languages.
    (
        ("Sample Bakery Ltd", BUSINESS, "London", "EC1A 1BB", 30, 2100, 12),
        [Open(21, 2180), Open(-9, 2050)],
        {"currency": "GBP", "country": "GB", "lang": "en_US"},
    ),
    (
        ("North Shore Foods Inc.", BUSINESS, "Boston", "02110", 30, 5400, 9),
        [Open(36, 5600, paid=2000, paid_ago=8), Open(5, 5350)],
        {"currency": "USD", "country": "US", "lang": "en_US"},
    ),
    (
        ("Confiserie du Léman", BUSINESS, "Lausanne", "1003", 30, 3300, 6),
        [Open(13, 3400), Open(-15, 3290)],
        {"currency": "CHF", "country": "CH"},
    ),
    (
        ("Harbour Coffee Ltd", BUSINESS, "Bristol", "BS1 4DJ", 45, 760, 20),
        [Open(58, 790)],
        {"currency": "GBP", "country": "GB", "lang": "en_US", "email": False},
    ),
    (
        ("Example Hotel Company", BUSINESS, "Dublin", "D02 X285", 30, 1900, 7),
        [Open(16, 1960)],
        {"country": "IE", "lang": "en_US"},
    ),
)

# Good payers, so that the rest stands out: nothing but a current invoice or two.
PUNCTUAL = tuple(
    Customer(name, BUSINESS, city, code, pace, size, habit, (Open(-late, round(size * 1.03, 2)),))
    for name, city, code, pace, size, habit, late in (
        ("Boulangerie du Moulin", "Arras", "62000", 14, 640, -1, 12),
        ("Boulangerie de la Poste", "Cholet", "49300", 16, 580, 0, 19),
        ("Pâtisserie des Remparts", "Saint-Malo", "35400", 21, 910, 2, 8),
        ("Café du Commerce", "Limoges", "87000", 20, 350, 0, 23),
        ("Table du Terroir", "Périgueux", "24000", 28, 1250, 1, 15),
        ("Hôtel des Voyageurs", "Le Mans", "72000", 25, 1480, 3, 6),
        ("Primeur du Faubourg", "Strasbourg", "67000", 18, 430, -2, 21),
        ("Traiteur du Canal", "Béziers", "34500", 24, 1720, 2, 17),
        ("Fournil des Dunes", "Dunkerque", "59140", 15, 520, 1, 25),
        ("Épicerie du Village", "Cahors", "46000", 30, 270, 4, 10),
        ("Cave et Délices", "Beaune", "21200", 35, 860, 0, 18),
        ("Atelier du Goût", "Valence", "26000", 22, 1090, 1, 13),
        ("Maison du Levain", "Poitiers", "86000", 17, 700, 0, 27),
        ("Cuisine Centrale Exemple", "Évry", "91000", 12, 2600, 3, 16),
        ("Salaisons de la Montagne", "Chambéry", "73000", 30, 1960, 2, 9),
    )
)

CUSTOMERS = SITUATIONS + PUNCTUAL
