"""The command in a process of its own: signals, pipes, a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from tests.tui.conftest import Triptych

ENDLESS = "SELECT count(*) FROM range(1e12::BIGINT) a, range(1000)"


def loaded(*argv: str) -> set[str]:
    """Top-level modules that a command line has loaded at its end."""
    script = (
        "import json, sys\nfrom tui.main import main\n"
        f"code = main({list(argv)!r})\n"
        "print(json.dumps([name.partition('.')[0] for name in sys.modules]), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_loads_neither_the_parser_nor_anything_it_would_draw_with() -> None:
    assert not loaded("--help") & {"cyclopts", "rich", "duckdb", "pyarrow", "numpy", "prompt_toolkit", "pygments"}


def test_count_loads_nothing_it_does_not_need(head_lake: Path) -> None:
    assert not loaded("--lake", str(head_lake), "count") & {
        "rich",
        "pyarrow",
        "numpy",
        "prompt_toolkit",
        "lance",
        "PIL",
    }


@pytest.mark.parametrize("argv", ["count --modality CT", "facets --by modality --organ lung", "ls --limit 1"])
def test_what_only_looks_does_not_wait_for_pandas(head_lake: Path, argv: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "tui", "--lake", str(head_lake), *argv.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "duckdb" in imported
    assert "pandas.core" not in imported  # it was looked for at most


@pytest.mark.parametrize("query", [ENDLESS, "SELECT count(DISTINCT range) FROM range(10_000_000_000)"])
def test_ctrl_c_ends_a_long_query_with_130(head_lake: Path, query: str) -> None:
    command = [sys.executable, "-m", "tui", "--lake", str(head_lake), "sql", query]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        _wait_until_busy(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err == "interrupted\n"


def test_a_reader_that_leaves_early_is_no_error(head_lake: Path) -> None:
    line = f"{sys.executable} -m tui --lake {head_lake} sql 'FROM range(3000000)' --format csv | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "range\n", "")


@pytest.mark.parametrize("argv", ["count", "ls", "sql 'FROM range(100000)' --format csv"])
def test_a_full_disk_is_said_in_one_line(head_lake: Path, argv: str) -> None:
    line = f"{sys.executable} -m tui --lake {head_lake} {argv} > /dev/full"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    said = "error: cannot write the output: No space left on device; free some space and run again\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_a_terminal_that_says_it_has_no_columns_is_taken_for_one_of_80(head_lake: Path) -> None:
    out = _on_a_terminal(head_lake, "ls", size=(0, 0))
    assert "ct1" in out
    assert max(len(line) for line in out.splitlines()[1:] if "─" in line) <= 80 + len("\x1b[2m\x1b[0m")


def test_a_terminal_is_shown_1000_rows_and_told(head_lake: Path) -> None:
    out = _on_a_terminal(head_lake, "sql", "SELECT range AS n FROM range(3000)")
    assert "999\r\n" in out
    assert " 1000\r\n" not in out
    assert "cut at 1,000 rows, there are more; --limit -1 writes all" in out
    assert "2999\r\n" in _on_a_terminal(head_lake, "sql", "SELECT range AS n FROM range(3000)", "--limit", "-1")


def test_a_terminal_is_told_of_columns_that_do_not_fit(head_lake: Path) -> None:
    out = _on_a_terminal(head_lake, "sql", "FROM images")
    assert "columns do not fit the screen (" in out
    assert max(len(line) for line in out.splitlines()[1:] if "─" in line) <= 80 + len("\x1b[2m\x1b[0m")


def test_binary_formats_are_not_written_to_a_terminal(head_lake: Path) -> None:
    assert "parquet is binary and this is a terminal; name a file with --out FILE" in _on_a_terminal(
        head_lake, "sql", "SELECT 1", "--format", "parquet"
    )


def test_the_prompt_answers_goes_on_after_errors_and_remembers(head_lake: Path, tmp_path: Path) -> None:
    prompt = _prompt(head_lake, tmp_path)
    prompt.send("SELECT 40 + 2\r")
    prompt.send("AS answer;\r")
    prompt.expect(r"\b42\r\n")
    prompt.send("selec 1;\r")
    prompt.expect('error: Parser Error: syntax error at or near "selec"')
    prompt.send("@tiny_rois share=0.01\r")
    prompt.expect("mri")
    prompt.send(".quit\r")
    prompt.expect(pexpect.EOF)
    prompt.close()
    assert prompt.exitstatus == 0
    history = (tmp_path / "triptych" / "history").read_text()
    assert "+SELECT 40 + 2\n+AS answer;" in history
    assert (tmp_path / "triptych" / "history").stat().st_mode & 0o077 == 0


def test_ctrl_c_in_the_prompt_stops_only_the_query(head_lake: Path, tmp_path: Path) -> None:
    prompt = _prompt(head_lake, tmp_path)
    prompt.send(f"{ENDLESS};\r")
    _wait_until_busy(prompt.pid)
    prompt.sendintr()
    prompt.expect("stopped")
    prompt.expect("triptych>")
    prompt.send("SELECT 6 * 7 AS answer;\r")
    prompt.expect(r"\b42\r\n")
    prompt.expect("triptych>")
    prompt.sendeof()
    prompt.expect(pexpect.EOF)
    prompt.close()
    assert prompt.exitstatus == 0


def test_the_prompt_completes_columns_and_recipes(head_lake: Path, tmp_path: Path) -> None:
    prompt = _prompt(head_lake, tmp_path)
    prompt.send("SELECT file_n\t")
    prompt.expect("ame")
    prompt.send(" FROM images WHERE image_id = 'ct1';\r")
    prompt.expect(r"ct1\.png")
    prompt.expect("triptych>")
    prompt.sendeof()
    prompt.expect(pexpect.EOF)
    prompt.close()


def test_the_real_command_answers(process: Triptych, tmp_path: Path) -> None:
    assert process("count", "--modality", "CT").out == "3\n"
    assert process("--lake", tmp_path, "count").code == 3


def _prompt(lake: Path, state: Path) -> pexpect.spawn[str]:
    env = {**os.environ, "XDG_STATE_HOME": str(state), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    argv = ["-m", "tui", "--lake", str(lake), "sql"]
    prompt = pexpect.spawn(sys.executable, argv, env=env, encoding="utf-8", timeout=20, dimensions=(24, 80))
    prompt.expect("triptych>")
    return prompt


def _on_a_terminal(lake: Path, *argv: str, size: tuple[int, int] = (24, 80)) -> str:
    child = pexpect.spawn(
        sys.executable, ["-m", "tui", "--lake", str(lake), *argv], encoding="utf-8", timeout=20, dimensions=size
    )
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before)


def _wait_until_busy(pid: int) -> None:
    """Wait until a process has computed for a while after its start, on more than one thread."""
    deadline = time.monotonic() + 20
    before = None
    while time.monotonic() < deadline:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks, threads = int(fields[11]) + int(fields[12]), int(fields[17])
        before = ticks if before is None or threads < 3 else before
        if threads >= 3 and ticks - before > 100:
            return
        time.sleep(0.05)
    pytest.fail("the query did not begin")
