"""What tests have in place of a component's host."""

from collections.abc import Callable
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from .messages import Request, Response, Unreachable


def export(handle: Callable[[Request], Response]):
    return handle


def get(url: str) -> Response:
    try:
        with urlopen(url) as answer:
            return _read(answer)
    except HTTPError as answer:
        return _read(answer)
    except URLError as error:
        raise Unreachable(str(error)) from error


def _read(answer) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(answer.status, answer.read(), headers)
