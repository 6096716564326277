"""The tables of the database of decisions, as the latest migration leaves them."""

import sqlalchemy as sa

metadata = sa.MetaData()

# SQLite numbers rows only in a column declared INTEGER.
_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Hash = sa.String(64)

predictions = sa.Table(
    "predictions",
    metadata,
    sa.Column("seq", _Number, primary_key=True, autoincrement=False),
    sa.Column("decision_id", sa.String(36), nullable=False, unique=True),
    sa.Column("request_id", sa.String(128), nullable=False),
    sa.Column("decided_at_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("route", sa.String(64), nullable=False),
    sa.Column("trace_id", sa.String(32)),
    sa.Column("key_name", sa.String(64)),
    sa.Column("idempotency_key", sa.String(255)),
    sa.Column("scenario", sa.String(64)),
    sa.Column("sk_id_curr", sa.BigInteger, index=True),
    sa.Column("amt_credit", sa.Double),
    sa.Column("probability_default", sa.Double, nullable=False),
    sa.Column("prediction", sa.SmallInteger, nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("confidence", sa.Double, nullable=False),
    sa.Column("risk_level", sa.String(16), nullable=False),
    sa.Column("threshold", sa.Double, nullable=False),
    sa.Column("model_version", sa.String(128), nullable=False),
    sa.Column("model_sha256", _Hash, nullable=False),
    sa.Column("policy_version", sa.String(128), nullable=False),
    sa.Column("latency_us", sa.BigInteger, nullable=False),
    sa.Column("scoring_us", sa.BigInteger, nullable=False),
    sa.Column("warnings", sa.Text, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("personal_digest", _Hash),
    sa.Column("chain_hash", _Hash),
)
"""One row per decision; `seq` is the order in which archivists wrote them, without gaps.

`scenario` is null for real traffic. `personal_digest` stands in the chain for what an erasure takes away:
client number, amount and inputs.
"""

prediction_inputs = sa.Table(
    "prediction_inputs",
    metadata,
    sa.Column(
        "seq",
        _Number,
        sa.ForeignKey("predictions.seq", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("inputs", sa.Text, nullable=False),
    sa.Column("salt", sa.LargeBinary),
)
"""Raw named values of one decision: a JSON array in the order of `model_features`, and the digest's salt."""

model_features = sa.Table(
    "model_features",
    metadata,
    sa.Column("model_sha256", _Hash, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_word", sa.Boolean, nullable=False),
    sa.Column("is_used", sa.Boolean, nullable=False),
)
"""The names of the values in `prediction_inputs.inputs`, per model; `is_used`: the model reads it."""

chain_head = sa.Table(
    "chain_head",
    metadata,
    sa.Column("id", sa.SmallInteger, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    sa.Column("chain", sa.String(32), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("event", sa.BigInteger, nullable=False),
    sa.Column("hash", _Hash, nullable=False),
)
"""One row: the chain's own name, the last decision, the last event, and the hash of whichever came later.

Who writes decisions locks it first, so archivists of several hosts take turns.
"""

chain_events = sa.Table(
    "chain_events",
    metadata,
    sa.Column("event", _Number, primary_key=True, autoincrement=False),
    sa.Column("after_seq", sa.BigInteger, nullable=False, index=True),
    sa.Column("happened_at_us", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("chain_hash", _Hash, nullable=False),
)
"""Links of the chain that are no decisions, such as erasures; each follows decision `after_seq`."""

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("seq", _Number, primary_key=True, autoincrement=False),
    sa.Column("event", sa.BigInteger, nullable=False),
    sa.Column("made_at_us", sa.BigInteger, nullable=False),
    sa.Column("chain_hash", _Hash, nullable=False),
)
"""Where the chain begins again after retention deleted what came before."""

hourly_counts = sa.Table(
    "hourly_counts",
    metadata,
    sa.Column("span", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("hour", _Number, primary_key=True, autoincrement=False),
    sa.Column("scenario", sa.String(64), primary_key=True),
    sa.Column("route", sa.String(64), primary_key=True),
    sa.Column("status", sa.SmallInteger, primary_key=True),
    sa.Column("model_version", sa.String(128), primary_key=True),
    sa.Column("decision", sa.String(16), primary_key=True),
    sa.Column("risk_level", sa.String(16), primary_key=True),
    sa.Column("answers", sa.BigInteger, nullable=False),
    sa.Column("pd_sum", sa.Double, nullable=False),
    sa.Column("latency_us_sum", sa.BigInteger, nullable=False),
    sa.Column("first_us", sa.BigInteger, nullable=False),
    sa.Column("last_us", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Answers per hour since the epoch (UTC), and per day: *span* is 1 or 24, *hour* the first.

Real traffic has scenario ''; an error has decision ''.
"""

hourly_histograms = sa.Table(
    "hourly_histograms",
    metadata,
    sa.Column("span", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("hour", _Number, primary_key=True, autoincrement=False),
    sa.Column("scenario", sa.String(64), primary_key=True),
    sa.Column("route", sa.String(64), primary_key=True),
    sa.Column("model_version", sa.String(128), primary_key=True),
    sa.Column("pd", sa.LargeBinary, nullable=False),
    sa.Column("latency", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Decisions per hour and per day, by probability and by latency: counts of `records.histogram`'s buckets."""

anomalies = sa.Table(
    "anomalies",
    metadata,
    sa.Column("id", _Number, primary_key=True),
    sa.Column("happened_at_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("key", sa.String(300), unique=True),
    sa.Column("decision_id", sa.String(36)),
    sa.Column("request_id", sa.String(128)),
    sa.Column("route", sa.String(64)),
    sa.Column("status", sa.SmallInteger),
    sa.Column("field", sa.String(128)),
    sa.Column("rule", sa.String(64)),
    sa.Column("scenario", sa.String(64)),
    sa.Column("detail", sa.Text, nullable=False),
)
"""What went wrong or was refused, `count` times, never with an applicant's values.

`key` says what makes it the same: told again, it stays one row.
"""

drift_reports = sa.Table(
    "drift_reports",
    metadata,
    sa.Column("id", _Number, primary_key=True),
    sa.Column("made_at_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("since_us", sa.BigInteger, nullable=False),
    sa.Column("until_us", sa.BigInteger, nullable=False),
    sa.Column("model_sha256", _Hash, nullable=False),
    sa.Column("decisions", sa.BigInteger, nullable=False),
    sa.Column("features", sa.Integer, nullable=False),
    sa.Column("drifted", sa.Integer, nullable=False),
    sa.Column("alert", sa.Boolean, nullable=False),
    sa.Column("report", sa.Text, nullable=False),
)
"""Measured drift: `report` is the whole of it as JSON."""

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column(
        "decision_id",
        sa.String(36),
        sa.ForeignKey("predictions.decision_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("defaulted", sa.Boolean, nullable=False),
    sa.Column("observed_on", sa.Date, nullable=False),
    sa.Column("recorded_at_us", sa.BigInteger, nullable=False),
)
"""What became of a loan: repaid or defaulted."""

clients = sa.Table(
    "clients",
    metadata,
    sa.Column("sk_id_curr", _Number, primary_key=True, autoincrement=False),
    sa.Column("names_sha256", _Hash, nullable=False),
    sa.Column("features", sa.LargeBinary, nullable=False),
    sa.Column("loaded_at_us", sa.BigInteger, nullable=False),
)
"""Features by client: a JSON array in the order of `client_names`."""

client_names = sa.Table(
    "client_names",
    metadata,
    sa.Column("names_sha256", _Hash, primary_key=True),
    sa.Column("names", sa.Text, nullable=False),
)
"""The names of the values in `clients.features`: a JSON array under its own hash."""

exports = sa.Table(
    "exports",
    metadata,
    sa.Column("id", _Number, primary_key=True),
    sa.Column("made_at_us", sa.BigInteger, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("first_seq", sa.BigInteger, nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("decisions", sa.BigInteger, nullable=False),
)
"""Files that decisions were copied into: an erasure names those that hold the client."""

feature_values = sa.table(
    "feature_values",
    sa.column("seq", sa.BigInteger),
    sa.column("decision_id", sa.String),
    sa.column("decided_at_us", sa.BigInteger),
    sa.column("feature", sa.String),
    sa.column("value", sa.String),
    sa.column("number", sa.Double),
    sa.column("is_null", sa.Boolean),
)
"""A view: every recorded value of every decision under its name; `number` is null for words."""
