"""All texts of the dashboard, in each language; braces name what is filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.words import business, common, decisions, drift, guard, home, overview, performance


class Told(NamedTuple):
    """A page in the list of pages."""

    title: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All texts of one language."""

    pages: Mapping[str, Told]
    common: common.CommonWords
    guard: guard.GuardWords
    home: home.HomeWords
    overview: overview.OverviewWords
    business: business.BusinessWords
    drift: drift.DriftWords
    performance: performance.PerformanceWords
    decisions: decisions.DecisionsWords


ENGLISH = Words(
    pages={
        "home": Told("Home", "Is everything all right, and if not, what is to be done?"),
        "overview": Told("Overview", "How much is decided, how, and how fast?"),
        "business": Told("Business", "Who applies, what is decided for whom, and what may it cost?"),
        "drift": Told("Drift", "Do the applicants still look like those the model learned from?"),
        "performance": Told("Performance", "How long do answers take, and what went wrong?"),
        "decisions": Told(
            "Decisions", "What was decided in one case, from what, and does it come out again?"
        ),
    },
    common=common.ENGLISH,
    guard=guard.ENGLISH,
    home=home.ENGLISH,
    overview=overview.ENGLISH,
    business=business.ENGLISH,
    drift=drift.ENGLISH,
    performance=performance.ENGLISH,
    decisions=decisions.ENGLISH,
)

FRENCH = Words(
    pages={
        "home": Told("Accueil", "Tout va-t-il bien, et sinon, que faut-il faire ?"),
        "overview": Told("Vue d’ensemble", "Combien de décisions, lesquelles, et en combien de temps ?"),
        "business": Told(
            "Métier", "Qui demande, que décide-t-on pour qui, et qu’est-ce que cela peut coûter ?"
        ),
        "drift": Told("Dérive", "Les demandeurs ressemblent-ils encore à ceux de l’apprentissage ?"),
        "performance": Told(
            "Performance", "Combien de temps prennent les réponses, et qu’est-ce qui a échoué ?"
        ),
        "decisions": Told(
            "Décisions",
            "Qu’a-t-on décidé dans un cas, à partir de quoi, et obtient-on encore le même résultat ?",
        ),
    },
    common=common.FRENCH,
    guard=guard.FRENCH,
    home=home.FRENCH,
    overview=overview.FRENCH,
    business=business.FRENCH,
    drift=drift.FRENCH,
    performance=performance.FRENCH,
    decisions=decisions.FRENCH,
)
