"""What the house tests read: the code of the packages, and the tests beside it."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from foundation.errors import ServiceError

ROOT = Path(__file__).parents[2]
PACKAGES = ("foundation", "classification", "blacklist", "draw_engine", "evaluation_room", "app")


def code_files() -> list[Path]:
    """Every Python file of the packages."""
    return [file for name in PACKAGES for file in sorted((ROOT / name).rglob("*.py"))]


def files_of_tests() -> list[Path]:
    """Every Python file of the tests."""
    return sorted((ROOT / "tests").rglob("*.py"))


def import_everything() -> None:
    """Import every module, so that every class of a refusal is known."""
    for name in PACKAGES:
        package = import_module(name)
        for module in walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)


def refusals(base: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    """Every refusal class of the packages that has a code."""
    for one in base.__subclasses__():
        yield from refusals(one)
        if one.__module__.split(".")[0] in PACKAGES and "code" in vars(one):
            yield one
