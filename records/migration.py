"""Makes the tables of a database and brings older ones up to date."""

from typing import Any

import sqlalchemy as sa

from credit.errors import DatabaseUnavailable
from records.engine import reading, writing

HEAD = "0001"
"""The revision that this code reads and writes."""
KNOWN = tuple(f"{number:04d}" for number in range(1, int(HEAD) + 1))
"""Every revision that this code can bring up to date."""
_VERSIONS = "alembic_version"
# Of PostgreSQL's advisory locks, the one that two hosts take which find the same empty database.
_INIT_LOCK = 0x0C7401


def migrate(engine: sa.Engine) -> bool:
    """Make the tables, or bring them up to date; whether anything was done.

    `DatabaseUnavailable` when the database is somebody else's, or newer than this code.
    """
    with reading(engine) as connection:
        if _revision(connection) == HEAD:
            return False
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_INIT_LOCK)))
        before = _revision(connection)
        if before != HEAD:
            _upgrade(connection)
        return before != HEAD


def check(engine: sa.Engine) -> None:
    """Raise `DatabaseUnavailable` unless the tables are there and up to date."""
    with reading(engine) as connection:
        found = _revision(connection)
    if found is None:
        raise DatabaseUnavailable(
            f"no records in {engine.url!r}: start the service, or run python -m records init"
        )
    if found != HEAD:
        raise DatabaseUnavailable(
            f"the database {engine.url!r} is of revision {found}, not {HEAD}: run python -m records init"
        )


def _revision(connection: sa.Connection) -> str | None:
    """The revision of the database; `None` when it is empty."""
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        return None
    url = connection.engine.url
    if _VERSIONS not in tables:
        raise DatabaseUnavailable(
            f"the database {url!r} holds tables ({', '.join(sorted(tables)[:3])}, …) but no {_VERSIONS}: "
            "it was made by something else, so name an empty one"
        )
    found = list(connection.scalars(sa.text(f"SELECT version_num FROM {_VERSIONS}")))  # noqa: S608  # a constant
    if len(found) != 1 or found[0] not in KNOWN:
        raise DatabaseUnavailable(
            f"the database {url!r} is of revision {', '.join(found) or 'none'}, which this version of Octroi "
            "does not know: use the version that made it, or name another database"
        )
    return str(found[0])


def _upgrade(connection: sa.Connection) -> None:
    # Alembic takes a third of a second to load, and is needed once in a database's life.
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationStep  # noqa: PLC0415
    from alembic.script import Script  # noqa: PLC0415
    from alembic.script.revision import RevisionMap  # noqa: PLC0415

    from records import migration_0001  # noqa: PLC0415

    modules = {module.revision: module for module in (migration_0001,)}
    scripts = {name: Script(module, name, str(module.__file__)) for name, module in modules.items()}
    order = RevisionMap(scripts.values)

    def steps(current: Any, _: object) -> list[MigrationStep]:
        missing = [scripts[found.revision] for found in order.iterate_revisions("head", current or "base")]
        return [MigrationStep.upgrade_from_script(order, script) for script in reversed(missing)]

    context = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(context):
        context.run_migrations()
