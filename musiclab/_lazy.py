"""Re-export public names without importing their modules until somebody asks for them."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


class LazyPackage(ModuleType):
    """A package in which a public function wins over the submodule of the same name.

    Importing ``musiclab.music.corpus`` puts that module into ``musiclab.music`` as ``corpus``,
    where everybody expects the function.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        """Leave a public name to ``__getattr__`` where Python would put a module there."""
        if not (isinstance(value, ModuleType) and name in self.__dir__()):
            super().__setattr__(name, value)


def lazy(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Build the module functions ``__getattr__`` and ``__dir__`` (PEP 562) for a package.

    Args:
        package: The package's ``__name__``.
        homes: Public name -> the module that defines it, relative to the package (``".chorale"``).

    Returns:
        ``__getattr__`` and ``__dir__``, to be bound to those names in the package.
    """

    def __getattr__(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name], package), name)

    def __dir__() -> list[str]:
        return sorted(homes)

    sys.modules[package].__class__ = LazyPackage
    return __getattr__, __dir__
