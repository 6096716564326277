"""The first tables. A migration is never edited once a release made databases with it."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

from records.chain import first_hash

revision = "0001"
down_revision = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_hash = sa.String(64)


def upgrade() -> None:
    """Make every table and the view."""
    _decisions()
    _inputs()
    _outcomes()
    _chain()
    _rollups()
    _reports()
    _clients()
    op.execute(_VIEWS[op.get_context().dialect.name])


def _number_key(name: str, *constraints: sa.ForeignKey | sa.CheckConstraint) -> sa.Column[int]:
    return sa.Column(name, _number, *constraints, primary_key=True, autoincrement=False)


def _required(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _decisions() -> None:
    op.create_table(
        "predictions",
        _number_key("seq"),
        sa.Column("decision_id", sa.String(36), nullable=False, unique=True),
        _required("request_id", sa.String(128)),
        sa.Column("decided_at_us", sa.BigInteger, nullable=False, index=True),
        _required("route", sa.String(64)),
        sa.Column("trace_id", sa.String(32)),
        sa.Column("key_name", sa.String(64)),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("scenario", sa.String(64)),
        sa.Column("sk_id_curr", sa.BigInteger, index=True),
        sa.Column("amt_credit", sa.Double),
        _required("probability_default", sa.Double()),
        _required("prediction", sa.SmallInteger()),
        _required("decision", sa.String(16)),
        _required("confidence", sa.Double()),
        _required("risk_level", sa.String(16)),
        _required("threshold", sa.Double()),
        _required("model_version", sa.String(128)),
        _required("model_sha256", _hash),
        _required("policy_version", sa.String(128)),
        _required("latency_us", sa.BigInteger()),
        _required("scoring_us", sa.BigInteger()),
        _required("warnings", sa.Text()),
        _required("status", sa.SmallInteger()),
        sa.Column("personal_digest", _hash),
        sa.Column("chain_hash", _hash),
    )


def _inputs() -> None:
    op.create_table(
        "prediction_inputs",
        _number_key("seq", sa.ForeignKey("predictions.seq", ondelete="CASCADE")),
        _required("inputs", sa.Text()),
        sa.Column("salt", sa.LargeBinary),
    )
    if op.get_context().dialect.name == "postgresql":
        # Digits hardly shrink, and trying to takes longer than writing them.
        op.execute(
            "ALTER TABLE prediction_inputs ALTER COLUMN inputs SET STORAGE EXTERNAL, "
            "SET (toast_tuple_target = 8160)"
        )
    op.create_table(
        "model_features",
        sa.Column("model_sha256", _hash, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        _required("name", sa.Text()),
        _required("is_word", sa.Boolean()),
        _required("is_used", sa.Boolean()),
    )


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column(
            "decision_id",
            sa.String(36),
            sa.ForeignKey("predictions.decision_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        _required("defaulted", sa.Boolean()),
        _required("observed_on", sa.Date()),
        _required("recorded_at_us", sa.BigInteger()),
    )


def _chain() -> None:
    head = op.create_table(
        "chain_head",
        sa.Column("id", sa.SmallInteger, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        _required("chain", sa.String(32)),
        _required("seq", sa.BigInteger()),
        _required("event", sa.BigInteger()),
        _required("hash", _hash),
    )
    chain = secrets.token_hex(16)
    op.bulk_insert(head, [{"id": 1, "chain": chain, "seq": 0, "event": 0, "hash": first_hash(chain)}])
    op.create_table(
        "chain_events",
        _number_key("event"),
        sa.Column("after_seq", sa.BigInteger, nullable=False, index=True),
        _required("happened_at_us", sa.BigInteger()),
        _required("kind", sa.String(32)),
        _required("body", sa.Text()),
        _required("chain_hash", _hash),
    )
    op.create_table(
        "checkpoints",
        _number_key("seq"),
        _required("event", sa.BigInteger()),
        _required("made_at_us", sa.BigInteger()),
        _required("chain_hash", _hash),
    )


def _rollups() -> None:
    op.create_table(
        "hourly_counts",
        _span_key(),
        _number_key("hour"),
        *_text_keys(scenario=64, route=64),
        sa.Column("status", sa.SmallInteger, primary_key=True),
        *_text_keys(model_version=128, decision=16, risk_level=16),
        _required("answers", sa.BigInteger()),
        _required("pd_sum", sa.Double()),
        _required("latency_us_sum", sa.BigInteger()),
        _required("first_us", sa.BigInteger()),
        _required("last_us", sa.BigInteger()),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hourly_histograms",
        _span_key(),
        _number_key("hour"),
        *_text_keys(scenario=64, route=64, model_version=128),
        _required("pd", sa.LargeBinary()),
        _required("latency", sa.LargeBinary()),
        sqlite_with_rowid=False,
    )


def _span_key() -> sa.Column[int]:
    return sa.Column("span", sa.SmallInteger, primary_key=True, autoincrement=False)


def _text_keys(**lengths: int) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), primary_key=True) for name, length in lengths.items()]


def _reports() -> None:
    op.create_table(
        "anomalies",
        sa.Column("id", _number, primary_key=True),
        sa.Column("happened_at_us", sa.BigInteger, nullable=False, index=True),
        _required("kind", sa.String(32)),
        _required("count", sa.BigInteger()),
        sa.Column("key", sa.String(300), unique=True),
        sa.Column("decision_id", sa.String(36)),
        sa.Column("request_id", sa.String(128)),
        sa.Column("route", sa.String(64)),
        sa.Column("status", sa.SmallInteger),
        sa.Column("field", sa.String(128)),
        sa.Column("rule", sa.String(64)),
        sa.Column("scenario", sa.String(64)),
        _required("detail", sa.Text()),
    )
    op.create_table(
        "drift_reports",
        sa.Column("id", _number, primary_key=True),
        sa.Column("made_at_us", sa.BigInteger, nullable=False, index=True),
        _required("since_us", sa.BigInteger()),
        _required("until_us", sa.BigInteger()),
        _required("model_sha256", _hash),
        _required("decisions", sa.BigInteger()),
        _required("features", sa.Integer()),
        _required("drifted", sa.Integer()),
        _required("alert", sa.Boolean()),
        _required("report", sa.Text()),
    )
    op.create_table(
        "exports",
        sa.Column("id", _number, primary_key=True),
        _required("made_at_us", sa.BigInteger()),
        _required("path", sa.Text()),
        _required("first_seq", sa.BigInteger()),
        _required("last_seq", sa.BigInteger()),
        _required("decisions", sa.BigInteger()),
    )


def _clients() -> None:
    op.create_table(
        "clients",
        _number_key("sk_id_curr"),
        _required("names_sha256", _hash),
        _required("features", sa.LargeBinary()),
        _required("loaded_at_us", sa.BigInteger()),
    )
    op.create_table(
        "client_names",
        sa.Column("names_sha256", _hash, primary_key=True),
        _required("names", sa.Text()),
    )


# JSON holds the character NUL; a text of PostgreSQL does not, and SQLite's JSON functions end at it. The
# view shows U+FFFD in its place, and leaves the same letters behind an escaped backslash as they are.
_SAFE = r"""
CASE WHEN {find}(i.inputs, '\u0000') = 0 THEN i.inputs
     ELSE replace(replace(replace(i.inputs, '\\', {mark}), '\u0000', '\ufffd'), {mark}, '\\') END
"""

# Trailing missing values are not recorded: SQLite adds them from the names, PostgreSQL by its outer join.
_SQLITE_VIEW = """
CREATE VIEW feature_values AS
SELECT p.seq, p.decision_id, p.decided_at_us, f.name AS feature, v.value,
       CASE WHEN v.type IN ('real', 'integer') THEN v.value END AS number,
       v.type = 'null' AS is_null
FROM predictions p
JOIN prediction_inputs i ON i.seq = p.seq
JOIN json_each(<inputs>) v
JOIN model_features f ON f.model_sha256 = p.model_sha256 AND f.position = v.key
UNION ALL
SELECT p.seq, p.decision_id, p.decided_at_us, f.name, NULL, NULL, 1
FROM predictions p
JOIN prediction_inputs i ON i.seq = p.seq
JOIN model_features f ON f.model_sha256 = p.model_sha256 AND f.position >= json_array_length(i.inputs)
""".replace("<inputs>", _SAFE.format(find="instr", mark="char(1)"))

_POSTGRESQL_VIEW = """
CREATE VIEW feature_values AS
SELECT p.seq, p.decision_id, p.decided_at_us, v.name AS feature, v.element #>> '{}' AS value,
       CASE WHEN json_typeof(v.element) = 'number'
            THEN (v.element #>> '{}')::double precision END AS number,
       coalesce(json_typeof(v.element), 'null') = 'null' AS is_null
FROM predictions p
JOIN prediction_inputs i ON i.seq = p.seq
CROSS JOIN LATERAL (
    SELECT f.name, e.element
    FROM model_features f
    LEFT JOIN json_array_elements((<inputs>)::json)
        WITH ORDINALITY AS e(element, place) ON e.place - 1 = f.position
    WHERE f.model_sha256 = p.model_sha256
) AS v
""".replace("<inputs>", _SAFE.format(find="strpos", mark="chr(1)"))

_VIEWS = {"sqlite": _SQLITE_VIEW, "postgresql": _POSTGRESQL_VIEW}
