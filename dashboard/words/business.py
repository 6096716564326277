"""What Business says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessWords:
    """Who applies, and what is decided for whom."""

    whole: str
    sample: str
    income: str
    credit: str
    age: str
    product: str
    sex: str
    years: str
    unknown: str
    bars_about: str
    amounts: str
    amounts_about: str
    amount: str
    median_approved: str
    median_refused: str
    asked: str
    default_rate: str
    default_rate_all: str
    default_rate_approved: str
    cost: str
    cost_per_client: str
    cost_about: str
    fairness: str
    fairness_about: str
    fairness_none: str
    group: str
    interval: str
    expected_default_rate: str


ENGLISH = BusinessWords(
    whole="All {count} decisions of this time.",
    sample="{count} of the {total} decisions of this time, spread evenly over those still kept: "
    "shares are right to within {error} points.",
    income="Income",
    credit="Credit asked for",
    age="Age",
    product="Product",
    sex="Sex",
    years="years",
    unknown="not said",
    bars_about="Beside each bar: the share that was approved. Amounts are in the currency of the "
    "application, the income is of a year.",
    amounts="Credit amounts",
    amounts_about="The last column holds the highest 1% as well.",
    amount="credit asked for",
    median_approved="Median, approved",
    median_refused="Median, refused",
    asked="Median, all",
    default_rate="Expected default rate",
    default_rate_all="all applicants",
    default_rate_approved="approved",
    cost="Expected cost, {fn} : {fp}",
    cost_per_client="per applicant",
    cost_about="Expected by the model, before any loan has ended: {fn} for each approved applicant who will "
    "default, {fp} for each refused one who would not.",
    fairness="Fairness",
    fairness_about="Sex is recorded and never scored. An approval rate may differ because risk differs; "
    "compare it with the expected default rate, and mind the 95% interval of small groups.",
    fairness_none="No applicant said it.",
    group="group",
    interval="approval rate (95%)",
    expected_default_rate="expected default rate",
)

FRENCH = BusinessWords(
    whole="Les {count} décisions de cette période.",
    sample="{count} des {total} décisions de cette période, réparties également sur celles encore gardées : "
    "les parts sont exactes à {error} points près.",
    income="Revenu",
    credit="Crédit demandé",
    age="Âge",
    product="Produit",
    sex="Sexe",
    years="ans",
    unknown="non précisé",
    bars_about="À côté de chaque barre : la part accordée. Les montants sont dans la monnaie de la "
    "demande, le revenu est annuel.",
    amounts="Montants des crédits",
    amounts_about="La dernière colonne contient aussi le 1\N{NO-BREAK SPACE}% le plus élevé.",
    amount="crédit demandé",
    median_approved="Médiane, accordés",
    median_refused="Médiane, refusés",
    asked="Médiane, tous",
    default_rate="Taux de défaut attendu",
    default_rate_all="tous les demandeurs",
    default_rate_approved="accordées",
    cost="Coût attendu, {fn} : {fp}",
    cost_per_client="par demandeur",
    cost_about="Attendu par le modèle, avant l’issue des prêts : {fn} par demande accordée qui fera défaut, "
    "{fp} par demande refusée qui n’aurait pas fait défaut.",
    fairness="Équité",
    fairness_about="Le sexe est enregistré, jamais utilisé par le modèle. Un taux d’accord peut différer "
    "parce que le risque diffère ; comparez-le au taux de défaut attendu, et tenez compte de l’intervalle "
    "à 95\N{NO-BREAK SPACE}% des petits groupes.",
    fairness_none="Aucun demandeur ne l’a dit.",
    group="groupe",
    interval="taux d’accord (95\N{NO-BREAK SPACE}%)",
    expected_default_rate="taux de défaut attendu",
)
