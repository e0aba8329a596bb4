from dataclasses import dataclass, field


@dataclass
class Request:
    """A request that came in."""

    method: str
    # As it was sent, without the query.
    path: str
    # What follows the question mark, as it was sent.
    query: str
    # Names in lower case; values of the same name are joined by ", ".
    headers: dict[str, str]
    body: bytes


@dataclass
class Response:
    """What goes out, or what an upstream answered."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Unreachable(Exception):
    """No answer came."""
