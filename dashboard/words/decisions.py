"""What Decisions says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsWords:
    """Single decisions."""

    decision_id: str
    client: str
    days: str
    outcome: str
    any_decision: str
    history: str
    history_about: str
    nothing_found: str
    page: str
    export: str
    export_about: str
    not_there: str
    full: str
    probability: str
    probability_help: str
    threshold: str
    confidence: str
    confidence_help: str
    decision: str
    approved: str
    refused: str
    versions: str
    model: str
    policy: str
    warnings: str
    no_warnings: str
    chain: str
    place: str
    hash: str
    request: str
    request_id: str
    scenario: str
    outcome_known: str
    outcome_unknown: str
    repaid: str
    defaulted: str
    inputs: str
    inputs_given: str
    inputs_all: str
    erased: str
    feature: str
    value: str
    read_by_model: str
    yes: str
    replay: str
    replay_about: str
    replay_same: str
    replay_different: str
    replay_without_model: str
    replay_erased: str


ENGLISH = DecisionsWords(
    decision_id="Decision id",
    client="Client number",
    days="Days (UTC)",
    outcome="Decision",
    any_decision="any",
    history="History",
    history_about="The newest first; choose a row to see the decision in full.",
    nothing_found="No decision is like that.",
    page="Page",
    export="Download these decisions (CSV)",
    export_about="Up to {most} decisions of this search, without client number, amount and inputs. "
    "Everything, with a note for erasure: `python -m records export`",
    not_there="No decision {decision_id} in the records; one just made is there within a second, "
    "within some seconds while the machine is busy.",
    full="Decision {decision_id}",
    probability="PD",
    probability_help="Probability of default, as the model scored it; refused from the threshold on.",
    threshold="Threshold",
    confidence="Confidence",
    confidence_help="Distance to the threshold: 0% at the threshold, 100% at the far end of its side.",
    decision="Decision",
    approved="approved",
    refused="refused",
    versions="Made with",
    model="model",
    policy="policy",
    warnings="Warnings",
    no_warnings="None.",
    chain="In the chain",
    place="number",
    hash="link",
    request="Request",
    request_id="request id",
    scenario="simulation",
    outcome_known="The loan was {outcome} ({date}).",
    outcome_unknown="What became of the loan is not known.",
    repaid="repaid",
    defaulted="defaulted",
    inputs="Inputs",
    inputs_given="{given} of {total} features were given; their meanings and units: "
    "`docs/data-dictionary.md`",
    inputs_all="Missing ones, too",
    erased="The client's data were erased; the decision and its link in the chain stay.",
    feature="feature",
    value="value",
    read_by_model="read by the model",
    yes="yes",
    replay="Make it again",
    replay_about="Encodes the recorded inputs and runs the recorded model: every bit must come out again.",
    replay_same="It came out again, bit for bit.",
    replay_different="It came out otherwise: {what} was {recorded}, is now {replayed}.",
    replay_without_model="It cannot be made again here: {reason}",
    replay_erased="It cannot be made again: its inputs were erased.",
)

FRENCH = DecisionsWords(
    decision_id="Identifiant de la décision",
    client="Numéro de client",
    days="Jours (UTC)",
    outcome="Décision",
    any_decision="toutes",
    history="Historique",
    history_about="Les plus récentes d’abord ; choisissez une ligne pour voir la décision entière.",
    nothing_found="Aucune décision de cette sorte.",
    page="Page",
    export="Télécharger ces décisions (CSV)",
    export_about="Jusqu’à {most} décisions de cette recherche, sans numéro de client, montant ni entrées. "
    "Tout, avec une note pour l’effacement : `python -m records export`",
    not_there="Aucune décision {decision_id} dans les enregistrements ; "
    "une décision toute récente y est en moins d’une seconde, en quelques-unes quand la machine est chargée.",
    full="Décision {decision_id}",
    probability="PD",
    probability_help="Probabilité de défaut, telle que le modèle l’a calculée ; refus à partir du seuil.",
    threshold="Seuil",
    confidence="Confiance",
    confidence_help="Distance au seuil : 0\N{NO-BREAK SPACE}% au seuil, "
    "100\N{NO-BREAK SPACE}% au bout de son côté.",
    decision="Décision",
    approved="accordée",
    refused="refusée",
    versions="Faite avec",
    model="modèle",
    policy="politique",
    warnings="Avertissements",
    no_warnings="Aucun.",
    chain="Dans la chaîne",
    place="numéro",
    hash="maillon",
    request="Requête",
    request_id="identifiant de la requête",
    scenario="simulation",
    outcome_known="Le prêt a été {outcome} ({date}).",
    outcome_unknown="L’issue du prêt n’est pas connue.",
    repaid="remboursé",
    defaulted="en défaut",
    inputs="Entrées",
    inputs_given="{given} variables sur {total} ont été données ; leurs sens et unités : "
    "`docs/data-dictionary.md`",
    inputs_all="Les manquantes aussi",
    erased="Les données du client ont été effacées ; la décision et son maillon de la chaîne restent.",
    feature="variable",
    value="valeur",
    read_by_model="lue par le modèle",
    yes="oui",
    replay="La refaire",
    replay_about="Encode les entrées enregistrées et exécute le modèle enregistré : chaque bit doit revenir.",
    replay_same="Elle est revenue, au bit près.",
    replay_different="Elle est revenue autrement : {what} était {recorded}, est maintenant {replayed}.",
    replay_without_model="Elle ne peut pas être refaite ici : {reason}",
    replay_erased="Elle ne peut pas être refaite : ses entrées ont été effacées.",
)
