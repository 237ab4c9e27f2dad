"""Where models run: a CPU, or a CUDA device that torch sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

from catalog.errors import MissingExtraError, UsageError
from catalog.imports import whole


@dataclass(frozen=True, slots=True)
class Place:
    """A device by its name in torch; ``uses_torch`` says whether torch is asked at all."""

    name: str = "cpu"
    uses_torch: bool = False

    @property
    def is_cuda(self) -> bool:
        """Whether it is a GPU."""
        return self.name.startswith("cuda")

    @contextmanager
    def inference(self) -> Iterator[None]:
        """No gradients; on CUDA also half precision where torch holds it safe."""
        if not self.uses_torch:
            yield
            return
        import torch

        with torch.inference_mode(), torch.autocast("cuda", dtype=_half(), enabled=self.is_cuda):
            yield

    def let_go(self) -> None:
        """Give memory back that a failed batch has left in the allocator."""
        if self.is_cuda:
            import torch

            torch.cuda.empty_cache()


def choose(said: str, *, uses_torch: bool) -> Place:
    """The device that a person means by auto, cpu, cuda or cuda:N.

    Raises:
        UsageError: Another word, or a CUDA device that is not there.
        MissingExtraError: torch is needed and not installed.
    """
    if said not in ("auto", "cpu", "cuda") and not _numbered(said):
        raise UsageError(f"no device '{said}'; choose auto, cpu, cuda or cuda:N")
    if not uses_torch:
        if said.startswith("cuda"):
            raise UsageError(f"this generator does not run on '{said}'; use --device cpu")
        return Place()
    if find_spec("torch") is None:
        raise MissingExtraError("torch", extra="torch")
    return Place(_present(said), uses_torch=True)


def _present(said: str) -> str:
    torch = whole("torch")

    if said == "cpu" or (said == "auto" and not torch.cuda.is_available()):
        return "cpu"
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    number = int(said.partition(":")[2] or 0)
    if number >= count:
        seen = f"sees {count} CUDA devices" if count else "sees no CUDA device"
        raise UsageError(f"no device '{said}': torch {torch.__version__} {seen}; use --device cpu")
    return f"cuda:{number}"


def _numbered(said: str) -> bool:
    return said.startswith("cuda:") and said.removeprefix("cuda:").isdecimal()


def _half() -> object:
    import torch

    return torch.bfloat16 if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else torch.float16
