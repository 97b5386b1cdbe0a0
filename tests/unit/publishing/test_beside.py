from __future__ import annotations

from pathlib import Path

from service.model.feed import FeedFile
from service.publishing import write_beside

HTML = "text/html; charset=utf-8"
HOME = FeedFile("index.html", HTML, b"<p>home</p>")
TAG = FeedFile("tag/\xe9/index.html", HTML, b"<p>tag</p>")
HEADERS = FeedFile("_headers", "text/plain", b"/feed.xml\n")


def list_files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_files_are_written_once_with_what_is_compressed_beside_them(tmp_path: Path) -> None:
    report = write_beside(tmp_path, [HOME, HEADERS])
    assert (report.files, report.written) == (2, 2)
    assert write_beside(tmp_path, [HOME, HEADERS]).written == 0
    assert list_files(tmp_path) == {
        "index.html", "index.html.gz", "index.html.br", "_headers", ".kawaraban-pages.json"
    }  # fmt: skip


def test_what_is_not_wanted_any_more_is_taken_away_with_its_folder(tmp_path: Path) -> None:
    write_beside(tmp_path, [HOME, TAG])
    assert write_beside(tmp_path, [HOME]).removed == (TAG.path,)
    assert not (tmp_path / "tag").exists()


def test_nothing_of_somebody_else_is_touched_unless_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(b"the site's own")
    report = write_beside(tmp_path, [HOME, TAG])
    assert report.foreign == (HOME.path,)
    assert (tmp_path / "index.html").read_bytes() == b"the site's own"
    assert write_beside(tmp_path, [TAG]).removed == ()
    assert write_beside(tmp_path, [HOME], replaces=True).foreign == ()
    assert (tmp_path / "index.html").read_bytes() == HOME.content


def test_a_page_that_somebody_changed_stays_as_they_want_it(tmp_path: Path) -> None:
    write_beside(tmp_path, [HOME, TAG])
    for file in (HOME, TAG):
        (tmp_path / file.path).write_bytes(b"mended by hand")
    report = write_beside(tmp_path, [HOME])
    assert (report.foreign, report.removed) == ((HOME.path,), ())
    assert (tmp_path / TAG.path).read_bytes() == b"mended by hand"


def test_a_list_that_was_lost_costs_nothing_while_the_files_are_the_same(tmp_path: Path) -> None:
    write_beside(tmp_path, [HOME])
    (tmp_path / ".kawaraban-pages.json").unlink()
    assert write_beside(tmp_path, [HOME]).foreign == ()
    assert write_beside(tmp_path, []).removed == (HOME.path,)


def test_a_file_where_a_folder_would_be_is_left_there(tmp_path: Path) -> None:
    (tmp_path / "tag").write_bytes(b"")
    assert write_beside(tmp_path, [TAG]).foreign == (TAG.path,)
