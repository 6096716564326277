"""The tables of the database of decisions."""

import sqlalchemy as sa

metadata = sa.MetaData()

# SQLite numbers rows only in a column declared INTEGER.
_Seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

predictions = sa.Table(
    "predictions",
    metadata,
    sa.Column("seq", _Seq, primary_key=True, autoincrement=False),
    sa.Column("decision_id", sa.String(36), nullable=False, unique=True),
    sa.Column("request_id", sa.String(128), nullable=False),
    sa.Column("decided_at_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("route", sa.String(64), nullable=False),
    sa.Column("sk_id_curr", sa.BigInteger, index=True),
    sa.Column("amt_credit", sa.Double),
    sa.Column("probability_default", sa.Double, nullable=False),
    sa.Column("prediction", sa.SmallInteger, nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("confidence", sa.Double, nullable=False),
    sa.Column("risk_level", sa.String(16), nullable=False),
    sa.Column("threshold", sa.Double, nullable=False),
    sa.Column("model_version", sa.String(128), nullable=False),
    sa.Column("model_sha256", sa.String(64), nullable=False),
    sa.Column("policy_version", sa.String(128), nullable=False),
    sa.Column("latency_us", sa.BigInteger, nullable=False),
    sa.Column("warnings", sa.Text, nullable=False),
)
"""One row per decision; `seq` is the order in which the archivist wrote them, without gaps."""

prediction_inputs = sa.Table(
    "prediction_inputs",
    metadata,
    sa.Column("seq", _Seq, sa.ForeignKey("predictions.seq"), primary_key=True, autoincrement=False),
    sa.Column("inputs", sa.Text, nullable=False),
)
"""Raw named values of one decision: a JSON array in the order of `model_features`."""

model_features = sa.Table(
    "model_features",
    metadata,
    sa.Column("model_sha256", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("is_word", sa.Boolean, nullable=False),
    sa.Column("is_used", sa.Boolean, nullable=False),
)
"""The names of the values in `prediction_inputs.inputs`, per model; `is_used`: the model reads it."""
