"""What several pages say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonWords:
    """What several pages say."""

    language: str
    live: str
    live_help: str
    updated: str
    no_data: str
    no_data_of_time: str
    none_found: str
    database_gone: str
    database_gone_advice: str
    settings_wrong: str
    traffic: str
    real_traffic: str
    simulation: str
    period: str
    last_24_hours: str
    last_7_days: str
    last_30_days: str
    all_time: str
    own_range: str
    from_day_to_day: str
    choose_both_days: str
    time: str
    decisions: str
    approve: str
    refuse: str
    share: str
    model: str
    route: str
    by_hour: str
    by_day: str
    risk_level: str
    risk_levels: dict[str, str]


ENGLISH = CommonWords(
    language="Language",
    live="Live",
    live_help="Look again every {seconds} seconds.",
    updated="As of {time} UTC",
    no_data="No data yet: nothing has been decided. Send an application to the service, "
    "or made-up traffic: `python -m load_tests traffic`",
    no_data_of_time="No data yet for this choice: take a longer time, or other traffic.",
    none_found="Counts alone are left of this time, or its decisions are too few among others to be found: "
    "no single one can be looked into. Take another time.",
    database_gone="The database does not answer, so there is nothing true to show.",
    database_gone_advice="Decisions go on: the journal keeps them until the database is back. "
    "This page looks again by itself.",
    settings_wrong="The settings are not right: {reason}",
    traffic="Traffic",
    real_traffic="real",
    simulation="simulation {name}",
    period="Time",
    last_24_hours="24 h",
    last_7_days="7 d",
    last_30_days="30 d",
    all_time="all",
    own_range="from – to",
    from_day_to_day="From day to day (UTC)",
    choose_both_days="Choose the last day, too.",
    time="time (UTC)",
    decisions="decisions",
    approve="approved",
    refuse="refused",
    share="share",
    model="model",
    route="route",
    by_hour="by the hour, UTC",
    by_day="by the day, UTC",
    risk_level="Risk level",
    risk_levels={"LOW": "low", "MEDIUM": "medium", "HIGH": "high"},
)

FRENCH = CommonWords(
    language="Langue",
    live="En direct",
    live_help="Relire toutes les {seconds} secondes.",
    updated="État à {time} UTC",
    no_data="Pas encore de données : rien n’a été décidé. Envoyez une demande au service, "
    "ou du trafic inventé : `python -m load_tests traffic`",
    no_data_of_time="Pas encore de données pour ce choix : prenez une durée plus longue ou un autre trafic.",
    none_found="De cette période il ne reste que des comptes, ou ses décisions sont trop rares parmi "
    "d’autres : aucune ne peut être examinée. Choisissez une autre période.",
    database_gone="La base de données ne répond pas : il n’y a rien de vrai à montrer.",
    database_gone_advice="Les décisions continuent : le journal les garde jusqu’au retour de la base. "
    "Cette page réessaie d’elle-même.",
    settings_wrong="La configuration n’est pas bonne : {reason}",
    traffic="Trafic",
    real_traffic="réel",
    simulation="simulation {name}",
    period="Période",
    last_24_hours="24 h",
    last_7_days="7 j",
    last_30_days="30 j",
    all_time="tout",
    own_range="du – au",
    from_day_to_day="Du jour au jour (UTC)",
    choose_both_days="Choisissez aussi le dernier jour.",
    time="heure (UTC)",
    decisions="décisions",
    approve="accordées",
    refuse="refusées",
    share="part",
    model="modèle",
    route="route",
    by_hour="par heure, UTC",
    by_day="par jour, UTC",
    risk_level="Niveau de risque",
    risk_levels={"LOW": "faible", "MEDIUM": "moyen", "HIGH": "élevé"},
)
