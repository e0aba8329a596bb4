"""What a component has: its imports and its export are those of wit/."""

import os
from collections.abc import Callable
from urllib.parse import urlsplit

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import environment, outgoing_handler, streams
from wit_world.imports.types import (
    Fields,
    IncomingBody,
    IncomingRequest,
    Method_Other,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
    Scheme_Https,
)

from .messages import Request, Response, Unreachable

READ_AT_ONCE = 64 * 1024
WRITE_AT_ONCE = 4096
SCHEMES = {"http": Scheme_Http(), "https": Scheme_Https()}


def export(handle: Callable[[Request], Response]):
    class IncomingHandler(exports.IncomingHandler):
        def handle(self, request: IncomingRequest, response_out: ResponseOutparam):
            # Until now, it was the environment of the build.
            os.environ.clear()
            os.environ.update(environment.get_environment())
            _send(handle(_read_request(request)), response_out)

    return IncomingHandler


def get(url: str) -> Response:
    """Fetches what is at an http or https address."""
    try:
        future = outgoing_handler.handle(_outgoing_request(url), None)
        with future.subscribe() as pollable:
            pollable.block()
        # A result of a result: the outer one tells that it was not taken before.
        answer = future.get().value
        if isinstance(answer, Err):
            raise answer
    except Err as error:
        raise Unreachable(f"{url}: {error.value}") from error
    response = answer.value
    return Response(
        response.status(),
        _read_body(response.consume()),
        _read_fields(response.headers()),
    )


def _outgoing_request(url: str) -> OutgoingRequest:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise Unreachable(f"{url} is no http or https address")
    path = parts.path or "/"
    request = OutgoingRequest(Fields())
    request.set_scheme(SCHEMES[parts.scheme])
    request.set_authority(parts.netloc)
    request.set_path_with_query(f"{path}?{parts.query}" if parts.query else path)
    return request


def _read_request(request: IncomingRequest) -> Request:
    method = request.method()
    path, _, query = (request.path_with_query() or "").partition("?")
    return Request(
        method.value
        if isinstance(method, Method_Other)
        else type(method).__name__.removeprefix("Method_").upper(),
        path,
        query,
        _read_fields(request.headers()),
        _read_body(request.consume()),
    )


def _read_fields(fields: Fields) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in fields.entries():
        name, text = name.lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


def _read_body(body: IncomingBody) -> bytes:
    read = bytearray()
    with body, body.stream() as stream:
        while True:
            try:
                read += stream.blocking_read(READ_AT_ONCE)
            except Err as error:
                if isinstance(error.value, streams.StreamError_Closed):
                    return bytes(read)
                raise


def _send(response: Response, response_out: ResponseOutparam) -> None:
    outgoing = OutgoingResponse(
        Fields.from_list(
            [(name, value.encode("latin-1")) for name, value in response.headers.items()]
        )
    )
    outgoing.set_status_code(response.status)
    body = outgoing.body()
    # Handed over first, written to afterwards.
    ResponseOutparam.set(response_out, Ok(outgoing))
    # The stream goes before the body: the host traps where a parent goes before its child.
    with body.write() as stream:
        for start in range(0, len(response.body), WRITE_AT_ONCE):
            stream.blocking_write_and_flush(
                response.body[start : start + WRITE_AT_ONCE]
            )
    OutgoingBody.finish(body, None)
