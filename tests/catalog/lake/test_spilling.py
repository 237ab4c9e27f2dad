"""Databases of one process that spill to the disk at the same time keep their own files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import catalog

_GREEDY = """
    SELECT count(*), count(*) FILTER (before > word)
    FROM (
        SELECT word, lag(word) OVER (ORDER BY word) AS before
        FROM (SELECT md5(range::VARCHAR) AS word FROM range($n))
    )
"""


def test_lakes_that_spill_at_once_do_not_read_each_others_files(chest_lake: catalog.Lake) -> None:
    def sort(rows: int) -> tuple[int, int]:
        with catalog.open(chest_lake.layout.root, memory_limit="64MB") as lake:
            found, astray = lake.sql(_GREEDY, n=rows).fetchall()[0]
            return found, astray

    wanted = [1_500_000, 1_400_000, 1_300_000]
    with ThreadPoolExecutor(len(wanted)) as pool:
        assert list(pool.map(sort, wanted)) == [(rows, 0) for rows in wanted]


def test_each_database_has_a_folder_of_its_own_to_spill_to(chest_lake: catalog.Lake) -> None:
    with ExitStack() as opened:
        lakes = [opened.enter_context(catalog.open(chest_lake.layout.root)) for _ in range(2)]
        connections = [lake.reader(at=at) for lake in lakes for at in (None, lake.snapshot())]
        folders = [str(one.execute("SELECT current_setting('temp_directory')").fetchall()) for one in connections]
    assert len(set(folders)) == 4
