"""Where models are: folders, the cache of the hub, and a hub that has them, has them not, or is out of reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from catalog.errors import TriptychError
from generators.models.hub import digest_of, locate, require_safetensors

pytest.importorskip("huggingface_hub")
COMMIT = "c0ffee" * 6 + "c0de"
FILES = {
    "own/good": {"config.json": b"{}", "model.safetensors": b"weights", "pytorch_model.bin": b"pickle", "run.py": b"1"},
    "own/pickled": {"config.json": b"{}", "pytorch_model.bin": b"pickle"},
}


class Hub(BaseHTTPRequestHandler):
    """As much of a hub as a download needs."""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0].strip("/")
        name = next((known for known in FILES if known in path), None)
        if name is None:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, with_body=with_body)
        elif "/resolve/" in path:
            file = path.rpartition("/")[2]
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{file}"'}
            self._send(200, FILES[name][file], headers, with_body=with_body)
        elif "/tree/" in path:
            files = [
                {"type": "file", "path": file, "size": len(data), "oid": f"{place:040}"}
                for place, (file, data) in enumerate(FILES[name].items())
            ]
            self._send(200, json.dumps(files).encode(), {}, with_body=with_body)
        elif "nowhere" in path:
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, with_body=with_body)
        else:
            info = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": file} for file in FILES[name]]}
            self._send(200, json.dumps(info).encode(), {}, with_body=with_body)

    def _send(self, status: int, body: bytes, headers: dict[str, str], *, with_body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of a hub that is out of reach."""
    from huggingface_hub import constants

    for name, value in (("HF_HUB_CACHE", str(tmp_path / "cache")), ("ENDPOINT", "http://127.0.0.1:9")):
        monkeypatch.setattr(constants, name, value)
    return tmp_path / "cache"


@pytest.fixture
def hub(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hub that has two models."""
    from huggingface_hub import constants

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(constants, "ENDPOINT", at)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", at + "/{repo_id}/resolve/{revision}/{filename}")
    yield
    server.shutdown()
    server.server_close()


def snapshot(cache: Path, model: str, files: list[str]) -> Path:
    """Puts a model into the cache."""
    there = cache / f"models--{model.replace('/', '--')}"
    folder = there / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (there / "refs").mkdir()
    (there / "refs/main").write_text(COMMIT)
    for file in files:
        (folder / file).write_bytes(file.encode())
    return folder


def test_a_folder_is_a_model_and_its_digest_the_revision(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    located = locate(str(folder))
    before = located.said
    assert (located.model, located.folder, located.commit) == ("mine", folder, None)
    assert before == f"mine@{digest_of(folder)}"
    (folder / "README.md").write_text("no part of the model")
    assert located.said == before
    (folder / "model.safetensors").write_bytes(b"others!")
    assert located.said != before


def test_a_model_in_the_cache_is_taken_without_a_network(cache: Path) -> None:
    folder = snapshot(cache, "own/model", ["config.json", "model.safetensors"])
    located = locate("own/model")
    assert (located.folder, located.said) == (folder, f"own/model@{COMMIT}")
    assert locate("own/model", revision=COMMIT).folder == folder


def test_a_model_that_is_not_at_hand_is_told_quickly_without_a_network(cache: Path) -> None:
    began = monotonic()
    with pytest.raises(
        TriptychError, match="'own/model' is no folder, not in the cache of the hub, and cannot be"
    ) as told:
        locate("own/model")
    assert "hf download own/model" in str(told.value)
    assert "\n" not in str(told.value)
    assert monotonic() - began < 30


def test_a_cached_pickle_is_refused_without_a_network(cache: Path) -> None:
    snapshot(cache, "own/model", ["config.json", "pytorch_model.bin"])
    with pytest.raises(TriptychError, match=r"weights in 'pytorch_model.bin', which can run code when it is loaded"):
        locate("own/model")


@pytest.mark.usefixtures("hub")
def test_a_model_of_the_hub_is_fetched_without_pickles_and_code(cache: Path) -> None:
    small = locate("own/good", weights=())
    assert {path.name for path in small.folder.iterdir()} == {"config.json"}
    located = locate("own/good")
    assert located.said == small.said == f"own/good@{COMMIT}"
    assert {path.name for path in located.folder.iterdir()} == {"config.json", "model.safetensors"}
    assert [path.read_bytes() for path in require_safetensors(located.folder)] == [b"weights"]


@pytest.mark.usefixtures("hub")
def test_a_pickle_on_the_hub_is_refused_before_it_is_fetched(cache: Path) -> None:
    with pytest.raises(TriptychError, match=r"weights in 'pytorch_model.bin', which can run code when it is loaded"):
        locate("own/pickled")
    assert not [path for path in cache.rglob("*") if path.name == "pytorch_model.bin"]


@pytest.mark.usefixtures("hub")
def test_a_model_or_revision_that_the_hub_has_not_is_told() -> None:
    with pytest.raises(TriptychError, match="no model 'own/none', neither as a folder nor on http"):
        locate("own/none")
    with pytest.raises(TriptychError, match="'own/good' has no revision 'nowhere'"):
        locate("own/good", revision="nowhere")


def test_a_name_that_cannot_be_a_model_is_told(tmp_path: Path, cache: Path) -> None:
    del cache
    with pytest.raises(TriptychError, match=r"no folder './none'; give a folder that holds a model"):
        locate("./none")
    with pytest.raises(TriptychError, match="no model 'not an id': neither a folder nor an id"):
        locate("not an id")
    (tmp_path / "file").touch()
    with pytest.raises(TriptychError, match="is a file; give the folder"):
        locate(str(tmp_path / "file"))


def test_a_folder_without_weights_is_told(tmp_path: Path) -> None:
    with pytest.raises(TriptychError, match="has no weights"):
        require_safetensors(tmp_path)
