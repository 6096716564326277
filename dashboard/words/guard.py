"""What is said at the door."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardWords:
    """What is said at the door."""

    closed: str
    key: str
    enter: str
    wrong_key: str
    no_key_set: str
    leave: str


ENGLISH = GuardWords(
    closed="This dashboard can be reached from other machines, so it asks for an API key that may read.",
    key="API key",
    enter="Enter",
    wrong_key="No key that may read has this secret.",
    no_key_set="This dashboard can be reached from other machines, and no API key is set. "
    "Set API_KEY or OCTROI_API_KEYS, or start it on 127.0.0.1.",
    leave="Leave",
)

FRENCH = GuardWords(
    closed="Ce tableau de bord est accessible depuis d’autres machines : "
    "il demande une clé d’API qui a le droit de lire.",
    key="Clé d’API",
    enter="Entrer",
    wrong_key="Aucune clé ayant le droit de lire n’a ce secret.",
    no_key_set="Ce tableau de bord est accessible depuis d’autres machines et aucune clé d’API n’est "
    "définie. Définissez API_KEY ou OCTROI_API_KEYS, ou démarrez-le sur 127.0.0.1.",
    leave="Sortir",
)
