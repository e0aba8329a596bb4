"""Answers HTTP requests, and makes some, by wasi:http of WASI 0.2."""

from .messages import Request, Response, Unreachable

try:
    from .component import export, get
except ModuleNotFoundError as error:
    # Only components have the modules that componentize-py makes; tests run without.
    if error.name not in ("wit_world", "componentize_py_types"):
        raise
    from .host import export, get

__all__ = ["Request", "Response", "Unreachable", "export", "get"]
