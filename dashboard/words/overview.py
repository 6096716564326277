"""What Overview says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewWords:
    """Totals and shares."""

    total: str
    approval_rate: str
    mean_latency: str
    p95_latency: str
    error_rate: str
    latency_help: str
    donut: str
    volume: str
    probabilities: str
    probability_default: str
    threshold: str
    below_threshold: str
    from_threshold: str
    risk_levels: str
    versions: str


ENGLISH = OverviewWords(
    total="Decisions",
    approval_rate="Approval rate",
    mean_latency="Mean latency",
    p95_latency="P95 latency",
    error_rate="Error rate",
    latency_help="From the parsed request until the record was durable; the quantile to within 9%.",
    donut="Decisions",
    volume="Volume",
    probabilities="Probability of default",
    probability_default="probability of default",
    threshold="threshold {value}",
    below_threshold="below the threshold: approved",
    from_threshold="from the threshold on: refused",
    risk_levels="Risk levels",
    versions="Models over time",
)

FRENCH = OverviewWords(
    total="Décisions",
    approval_rate="Taux d’accord",
    mean_latency="Latence moy.",
    p95_latency="Latence P95",
    error_rate="Taux d’erreur",
    latency_help="De la demande lue jusqu’à l’enregistrement durable ; "
    "le quantile à 9\N{NO-BREAK SPACE}% près.",
    donut="Décisions",
    volume="Volume",
    probabilities="Probabilité de défaut",
    probability_default="probabilité de défaut",
    threshold="seuil {value}",
    below_threshold="sous le seuil : accordées",
    from_threshold="à partir du seuil : refusées",
    risk_levels="Niveaux de risque",
    versions="Modèles au fil du temps",
)
