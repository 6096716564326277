"""What Home says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeWords:
    """The first page."""

    lead: str
    state: str
    green: str
    amber: str
    red: str
    service: str
    service_ready: str
    service_not_ready: str
    service_not_ready_advice: str
    service_away: str
    service_away_advice: str
    model: str
    model_certified: str
    model_uncertified: str
    model_uncertified_advice: str
    model_hidden: str
    model_hidden_advice: str
    model_unknown: str
    model_unknown_advice: str
    model_recorded: str
    database: str
    database_answers: str
    database_emptied: str
    backlog: str
    backlog_empty: str
    backlog_waits: str
    backlog_advice: str
    backlog_nowhere: str
    backlog_nowhere_advice: str
    drift: str
    drift_none: str
    drift_none_advice: str
    drift_measured: str
    drift_quiet: str
    drift_some: str
    drift_alert: str
    drift_alert_advice: str
    drift_too_few: str
    drift_too_few_advice: str
    disk: str
    disk_free: str
    disk_advice: str
    pages: str


ENGLISH = HomeWords(
    lead="Octroi decides consumer-credit applications and can prove every decision. "
    "This dashboard shows what was decided and how the service does; it decides nothing.",
    state="How it is now",
    green="all right",
    amber="look",
    red="act",
    service="Service",
    service_ready="Ready at {url}.",
    service_not_ready="It runs, but cannot decide: {reason}",
    service_not_ready_advice="Its log says more; `/readyz` says when it is over.",
    service_away="Nothing answers at {url}.",
    service_away_advice="Start it with `make serve`, or name its address in `OCTROI_SERVICE_URL`.",
    model="Model",
    model_certified="{version}, SHA-256 {sha256}. Its certificate holds: {rows} rows, largest difference "
    "{difference}, {flips} decisions flipped.",
    model_uncertified="{version}: its certificate does not hold.",
    model_uncertified_advice="Convert it again: `python -m conversion convert BUNDLE`, then publish it.",
    model_hidden="{version}. The service is ready, so its certificate holds.",
    model_hidden_advice="The service tells more to a key: set `API_KEY` for the dashboard.",
    model_unknown="No model is known: the service does not answer, and nothing was decided.",
    model_unknown_advice="Make one with `make model`, then `make serve`.",
    model_recorded="The last decision was by {version}, SHA-256 {sha256}; what is served now is not known.",
    database="Database",
    database_answers="{count} decisions, the last one at {last} UTC.",
    database_emptied="No decision is kept any more: retention deleted all {count}. "
    "Their counts and chain stay.",
    backlog="Archivist",
    backlog_empty="Every decision of the journal is in the database.",
    backlog_waits="{bytes} of the journal wait for the database.",
    backlog_advice="They are safe. If this grows, look whether the database answers and whether "
    "`python -m records archive` runs.",
    backlog_nowhere="There is no journal at {folder}.",
    backlog_nowhere_advice="Name the service's folder in `OCTROI_DATA`, or start the service once.",
    drift="Drift",
    drift_none="No drift report yet.",
    drift_none_advice="Make one: `python -m monitoring drift --days 7`",
    drift_measured="{drifted} of {features} features drifted among {decisions} decisions, "
    "measured on {time} UTC.",
    drift_quiet="No drift.",
    drift_some="Some drift, no alarm.",
    drift_alert="Alert.",
    drift_alert_advice="See the page Drift; from {share} of the features on, retrain the model.",
    drift_too_few="The last report had {decisions} decisions, too few to say anything.",
    drift_too_few_advice="Look again once there are more, or over a longer time: "
    "`python -m monitoring drift --days 30`",
    disk="Disk",
    disk_free="{free} free of {size} ({share}) at {folder}.",
    disk_advice="Make room: on a full disk the service decides nothing, for it could not record it.",
    pages="The pages",
)

FRENCH = HomeWords(
    lead="Octroi décide des demandes de crédit à la consommation et peut prouver chaque décision. "
    "Ce tableau de bord montre ce qui a été décidé et comment va le service ; il ne décide de rien.",
    state="L’état présent",
    green="tout va bien",
    amber="à regarder",
    red="à faire",
    service="Service",
    service_ready="Prêt à l’adresse {url}.",
    service_not_ready="Il tourne, mais ne peut pas décider : {reason}",
    service_not_ready_advice="Son journal d’événements en dit plus ; `/readyz` dit quand c’est fini.",
    service_away="Rien ne répond à l’adresse {url}.",
    service_away_advice="Démarrez-le par `make serve`, ou donnez son adresse dans `OCTROI_SERVICE_URL`.",
    model="Modèle",
    model_certified="{version}, SHA-256 {sha256}. Son certificat est valable : {rows} lignes, plus grand "
    "écart {difference}, {flips} décisions changées.",
    model_uncertified="{version} : son certificat n’est pas valable.",
    model_uncertified_advice="Convertissez-le de nouveau : `python -m conversion convert BUNDLE`, "
    "puis publiez-le.",
    model_hidden="{version}. Le service est prêt, donc son certificat est valable.",
    model_hidden_advice="Le service en dit plus à une clé : donnez `API_KEY` au tableau de bord.",
    model_unknown="Aucun modèle connu : le service ne répond pas et rien n’a été décidé.",
    model_unknown_advice="Fabriquez-en un par `make model`, puis `make serve`.",
    model_recorded="La dernière décision est de {version}, SHA-256 {sha256} ; "
    "ce qui est servi maintenant n’est pas connu.",
    database="Base de données",
    database_answers="{count} décisions, la dernière le {last} UTC.",
    database_emptied="Plus aucune décision n’est gardée : la conservation a supprimé les {count}. "
    "Leurs comptes et leur chaîne restent.",
    backlog="Archiviste",
    backlog_empty="Toutes les décisions du journal sont dans la base.",
    backlog_waits="{bytes} du journal attendent la base.",
    backlog_advice="Elles sont en sûreté. Si cela augmente, voyez si la base répond et si "
    "`python -m records archive` tourne.",
    backlog_nowhere="Il n’y a pas de journal dans {folder}.",
    backlog_nowhere_advice="Nommez le dossier du service dans `OCTROI_DATA`, ou démarrez le service.",
    drift="Dérive",
    drift_none="Pas encore de rapport de dérive.",
    drift_none_advice="Faites-en un : `python -m monitoring drift --days 7`",
    drift_measured="{drifted} variables sur {features} ont dérivé parmi {decisions} décisions, "
    "mesuré le {time} UTC.",
    drift_quiet="Pas de dérive.",
    drift_some="Un peu de dérive, pas d’alerte.",
    drift_alert="Alerte.",
    drift_alert_advice="Voyez la page Dérive ; à partir de {share} des variables, réentraînez le modèle.",
    drift_too_few="Le dernier rapport avait {decisions} décisions, trop peu pour conclure.",
    drift_too_few_advice="Recommencez quand il y en aura plus, ou sur une durée plus longue : "
    "`python -m monitoring drift --days 30`",
    disk="Disque",
    disk_free="{free} libres sur {size} ({share}) dans {folder}.",
    disk_advice="Faites de la place : sur un disque plein, le service ne décide plus, "
    "faute de pouvoir l’enregistrer.",
    pages="Les pages",
)
