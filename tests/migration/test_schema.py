from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from service.errors import SchemaError
from service.store.database import Database
from service.store.migrate import check_schema, migrate
from service.store.tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'kawaraban.db'}")
    yield database
    database.close()


def test_a_migrated_database_has_the_schema_that_the_program_declares(migrated: Database) -> None:
    with migrated.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_has_every_column_rule_and_key(
    migrated: Database, postgres_url_or_file: str
) -> None:
    """What comparing leaves out: primary keys, and which columns may be empty."""
    fresh = create_engine(postgres_url_or_file)
    with fresh.begin() as connection:
        if fresh.dialect.name == "postgresql":
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS fresh"))
            connection.execute(text("SET search_path TO fresh"))
        metadata.create_all(connection)
        schema = "fresh" if fresh.dialect.name == "postgresql" else None
        declared = describe(inspect(connection), schema)
    fresh.dispose()
    with migrated.reading() as connection:
        found = describe(inspect(connection), None)
    found.pop("alembic_version")
    assert found == declared


@pytest.fixture
def postgres_url_or_file(migrated: Database, tmp_path: Path) -> str:
    if migrated.is_sqlite:
        return f"sqlite:///{tmp_path / 'fresh.db'}"
    return migrated.url.render_as_string(hide_password=False)


def describe(inspector: object, schema: str | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for table in inspector.get_table_names(schema):  # type: ignore[attr-defined]
        columns = inspector.get_columns(table, schema)  # type: ignore[attr-defined]
        key = inspector.get_pk_constraint(table, schema)  # type: ignore[attr-defined]
        indexes = inspector.get_indexes(table, schema)  # type: ignore[attr-defined]
        found[table] = (
            sorted((one["name"], str(one["type"]), one["nullable"]) for one in columns),
            key["constrained_columns"],
            sorted((one["name"], one["column_names"], one["unique"]) for one in indexes),
        )
    return found


def test_migrating_again_changes_nothing(migrated: Database) -> None:
    before, after = migrate(migrated)
    assert before == after
    check_schema(migrated)


def test_a_new_database_says_that_it_must_be_migrated(empty: Database) -> None:
    with pytest.raises(SchemaError, match=r"has schema none, .* run: kawaraban migrate"):
        check_schema(empty)


def test_a_new_database_is_migrated_from_nothing(empty: Database) -> None:
    before, after = migrate(empty)
    assert before is None
    assert after
    check_schema(empty)


def test_a_schema_from_the_future_is_refused_and_left_alone(migrated: Database) -> None:
    with migrated.writing() as connection:
        known = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        for use in (migrate, check_schema):
            with pytest.raises(SchemaError, match="9999, which this program does not know"):
                use(migrated)
    finally:
        with migrated.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": known})


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database) -> None:
    with empty.writing() as connection:
        connection.execute(text("CREATE TABLE notices (other INTEGER)"))
    with pytest.raises(Exception, match="notices"):
        migrate(empty)
    with empty.reading() as connection:
        assert set(inspect(connection).get_table_names()) <= {"notices", "alembic_version"}
