"""Re-export public names without importing their modules until somebody asks for them."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Build a package's ``__getattr__``, ``__dir__`` (PEP 562) and ``__all__``.

    Args:
        package: The package's ``__name__``.
        homes: Public name -> the module that defines it, relative to the package (``".chorale"``).
            No public name may be that of a module, which Python would put in its place.
    """

    def __getattr__(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name], package), name)

    return __getattr__, lambda: sorted(homes), sorted(homes)
