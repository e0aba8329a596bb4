"""Answers HTTP requests.

This module and all that it imports are loaded while the function is built; the
component begins from there. What is to be read anew goes into `handle`.
"""

import os
from urllib.parse import parse_qs

import wasi
from wasi import Request, Response


def handle(request: Request) -> Response:
    """Answers one request.

    Every request meets a fresh instance of the module: what must last belongs
    elsewhere.
    """
    if request.path == "/echo":
        return echo(request)
    match (request.method, request.path):
        case ("GET", "/"):
            return greet(request)
        case ("GET", "/upstream"):
            return call_upstream(os.environ.get("UPSTREAM_URL"))
        case _:
            return text(404, "Not found\n")


def greet(request: Request) -> Response:
    greeting = os.environ.get("GREETING") or "Hello"
    name = parse_qs(request.query).get("name", ["world"])[0]
    return text(200, f"{greeting}, {name}!\n")


def echo(request: Request) -> Response:
    head = (
        f"method: {request.method}\n"
        f"path: {request.path}\n"
        f"query: {request.query}\n"
        "body: "
    )
    return text(200, head, request.body, "\n")


def call_upstream(url: str | None) -> Response:
    if not url:
        return text(503, "UPSTREAM_URL is not set\n")
    try:
        upstream = wasi.get(url)
    except wasi.Unreachable:
        return text(502, "upstream failed\n")
    return text(200, f"upstream: {upstream.status}\n", upstream.body)


def text(status: int, *parts: str | bytes) -> Response:
    return Response(
        status,
        b"".join(part.encode() if isinstance(part, str) else part for part in parts),
        {"content-type": "text/plain; charset=utf-8"},
    )


# What the component exports.
IncomingHandler = wasi.export(handle)
