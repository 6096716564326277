"""What Performance says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceWords:
    """How fast, and what went wrong."""

    latency_by_route: str
    box_about: str
    over_time: str
    latency: str
    slowest: str
    decision_id: str
    took: str
    scoring: str
    errors: str
    no_errors: str
    status: str
    problem: str
    answers: str
    last: str
    anomalies: str
    no_anomalies: str
    with_warnings: str
    kind: str
    kinds: dict[str, str]
    count: str
    field: str
    rule: str
    detail: str


ENGLISH = PerformanceWords(
    latency_by_route="Latency by route",
    box_about="Box: the middle half and the median; line: from 5 to 95 of 100. Logarithmic scale.",
    over_time="Latency over time",
    latency="latency in ms",
    slowest="The ten slowest",
    decision_id="decision",
    took="took, ms",
    scoring="of it scoring, ms",
    errors="Errors",
    no_errors="No answer had an error status.",
    status="status",
    problem="problem",
    answers="answers",
    last="last (UTC)",
    anomalies="Anomalies",
    no_anomalies="Nothing out of order.",
    with_warnings="with data warnings",
    kind="kind",
    kinds={
        "error": "error",
        "refused_input": "refused input",
        "data_warning": "data warning",
        "refused_record": "refused record",
        "unreadable_record": "unreadable record",
        "damaged_journal": "damaged journal",
        "database_outage": "database outage",
        "drift": "drift",
    },
    count="times",
    field="field",
    rule="rule",
    detail="detail",
)

FRENCH = PerformanceWords(
    latency_by_route="Latence par route",
    box_about="Boîte : la moitié centrale et la médiane ; trait : de 5 à 95 sur 100. Échelle logarithmique.",
    over_time="Latence au fil du temps",
    latency="latence en ms",
    slowest="Les dix plus lentes",
    decision_id="décision",
    took="durée, ms",
    scoring="dont le score, ms",
    errors="Erreurs",
    no_errors="Aucune réponse n’a eu un statut d’erreur.",
    status="statut",
    problem="problème",
    answers="réponses",
    last="dernière (UTC)",
    anomalies="Anomalies",
    no_anomalies="Rien d’anormal.",
    with_warnings="avec les avertissements sur les données",
    kind="sorte",
    kinds={
        "error": "erreur",
        "refused_input": "entrée refusée",
        "data_warning": "avertissement",
        "refused_record": "enregistrement refusé",
        "unreadable_record": "enregistrement illisible",
        "damaged_journal": "journal abîmé",
        "database_outage": "panne de la base",
        "drift": "dérive",
    },
    count="fois",
    field="champ",
    rule="règle",
    detail="détail",
)
