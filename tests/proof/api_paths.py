"""`python -m tests.proof.api_paths`: the table of addresses in docs/api.md, written anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

from service.store.database import Database
from service.store.migrate import migrate
from service.web.api.gate import NEEDS
from tests.fakes.house import WEEKLY, House
from tests.fakes.programs import OpenApi, open_api

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
HEAD = "| address | scope | does |\n|---|---|---|\n"


def write_table(api: OpenApi) -> str:
    """Every address with its scope and what it does, as the OpenAPI document says it."""
    paths = api.meet(()).get("/openapi.json")["paths"]
    rows = [
        f"| `{method.upper()} {path}` | `{operation[NEEDS]}` | {operation['summary']}. |"
        for path, operations in sorted(paths.items())
        for method, operation in operations.items()
    ]
    return HEAD + "".join(f"{' '.join(row.split())}\n" for row in rows)


def main() -> None:
    """Write the table at the end of the page."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "var").mkdir()
        database = Database(f"sqlite:///{site / 'var' / 'kawaraban.db'}")
        migrate(database)
        database.close()
        with open_api(House(site, WEEKLY)) as api:
            before = PAGE.read_text(encoding="utf-8").partition(HEAD)[0]
            PAGE.write_text(before + write_table(api), encoding="utf-8")


if __name__ == "__main__":
    main()
