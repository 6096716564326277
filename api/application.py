"""One application for credit, as it was given."""

from dataclasses import dataclass

from features.schema import FeatureSchema, Value

CLIENT = "sk_id_curr"


@dataclass(frozen=True, slots=True)
class Application:
    """One applicant, as given: the client's number if any, raw values in the order of the schema."""

    sk_id_curr: int | None
    values: tuple[Value, ...]
    """Of the model's features, and on to the last one given; empty where only the client's number was."""

    @property
    def is_number_alone(self) -> bool:
        """Whether the features are still to be looked up."""
        return not self.values

    def amount(self, schema: FeatureSchema) -> float | None:
        """The credit asked for, which the record keeps by name."""
        value = self.values[schema.position("AMT_CREDIT")]
        return value if isinstance(value, float) else None
