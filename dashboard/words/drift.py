"""What Drift says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftWords:
    """Do clients still look like those of training?"""

    report: str
    report_of: str
    against_training: str
    against_previous: str
    verdict: str
    yes: str
    no: str
    share: str
    affected: str
    affected_of: str
    limit: str
    limit_help: str
    retrain: str
    alerts: str
    probability_drifted: str
    important_drifted: str
    too_few: str
    none_yet: str
    make_one: str
    ranked: str
    ranked_about: str
    feature: str
    important: str
    drifted_by: str
    reason_values: str
    reason_missing: str
    reason_unseen: str
    psi: str
    psi_limit: str
    psi_of_limit: str
    missing_before: str
    missing_now: str
    unseen: str
    drifted: str
    steady: str
    distribution: str
    distribution_help: str
    probability: str
    before: str
    now: str
    missing: str
    never_seen: str
    any_value: str
    history: str
    stored: str
    open_page: str
    download_page: str
    download_json: str
    page_elsewhere: str


ENGLISH = DriftWords(
    report="Report",
    report_of="{time} UTC: {decisions} decisions, {model}",
    against_training="Decisions from {since} to {until} UTC, compared with the {before} training rows.",
    against_previous="Decisions from {since} to {until} UTC, compared with the {before} before that.",
    verdict="Drift",
    yes="yes",
    no="no",
    share="Share that drifted",
    affected="Features affected",
    affected_of="{drifted} of {features}",
    limit="Limit",
    limit_help="From this share on, retraining is recommended.",
    retrain="Retraining is recommended.",
    alerts="Alerts",
    probability_drifted="The probability of default itself drifted.",
    important_drifted="{feature}, an important feature, drifted: {reasons}.",
    too_few="This report has too few decisions to compare ({decisions}; it needs {enough}).",
    none_yet="No data yet: no drift report has been made.",
    make_one="A new report:",
    ranked="Features, the furthest first",
    ranked_about="PSI as a multiple of its limit, which is 0.1 or what chance reaches with so few decisions. "
    "A feature also drifts by missing values or by words never seen, whatever its PSI.",
    feature="feature",
    important="important",
    drifted_by="drifted by",
    reason_values="values",
    reason_missing="missing",
    reason_unseen="never seen",
    psi="PSI",
    psi_limit="limit",
    psi_of_limit="PSI / limit",
    missing_before="missing before",
    missing_now="missing now",
    unseen="never seen",
    drifted="drifted",
    steady="did not",
    distribution="Distribution of",
    distribution_help="Meanings and units: `docs/data-dictionary.md`",
    probability="probability of default",
    before="before",
    now="now",
    missing="missing",
    never_seen="never seen",
    any_value="any",
    history="Share of features that drifted, by report",
    stored="The report itself",
    open_page="Show it here",
    download_page="Download the page",
    download_json="Download its JSON",
    page_elsewhere="Its page is not on this machine; the JSON holds all of it.",
)

FRENCH = DriftWords(
    report="Rapport",
    report_of="{time} UTC : {decisions} décisions, {model}",
    against_training="Décisions du {since} au {until} UTC, comparées aux {before} lignes d’apprentissage.",
    against_previous="Décisions du {since} au {until} UTC, comparées aux {before} de la période d’avant.",
    verdict="Dérive",
    yes="oui",
    no="non",
    share="Part qui a dérivé",
    affected="Variables touchées",
    affected_of="{drifted} sur {features}",
    limit="Limite",
    limit_help="À partir de cette part, il est recommandé de réentraîner.",
    retrain="Il est recommandé de réentraîner le modèle.",
    alerts="Alertes",
    probability_drifted="La probabilité de défaut elle-même a dérivé.",
    important_drifted="{feature}, une variable importante, a dérivé : {reasons}.",
    too_few="Ce rapport a trop peu de décisions pour comparer ({decisions} ; il en faut {enough}).",
    none_yet="Pas encore de données : aucun rapport de dérive n’a été fait.",
    make_one="Un nouveau rapport :",
    ranked="Variables, les plus éloignées d’abord",
    ranked_about="PSI en multiple de sa limite, qui est 0,1 ou ce que le hasard atteint avec si peu de "
    "décisions. Une variable dérive aussi par ses valeurs manquantes ou par des mots jamais vus, "
    "quel que soit son PSI.",
    feature="variable",
    important="importante",
    drifted_by="a dérivé par",
    reason_values="valeurs",
    reason_missing="manquantes",
    reason_unseen="jamais vues",
    psi="PSI",
    psi_limit="limite",
    psi_of_limit="PSI / limite",
    missing_before="manquantes avant",
    missing_now="manquantes maintenant",
    unseen="jamais vues",
    drifted="a dérivé",
    steady="n’a pas dérivé",
    distribution="Distribution de",
    distribution_help="Sens et unités : `docs/data-dictionary.md`",
    probability="probabilité de défaut",
    before="avant",
    now="maintenant",
    missing="manquante",
    never_seen="jamais vue",
    any_value="toutes",
    history="Part des variables qui ont dérivé, par rapport",
    stored="Le rapport lui-même",
    open_page="L’afficher ici",
    download_page="Télécharger la page",
    download_json="Télécharger son JSON",
    page_elsewhere="Sa page n’est pas sur cette machine ; le JSON contient tout.",
)
