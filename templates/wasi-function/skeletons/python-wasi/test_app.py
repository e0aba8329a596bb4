import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest.mock import patch

from app import handle
from wasi import Request


def ask(method: str, target: str, body: bytes = b"", **env: str) -> tuple[int, str]:
    path, _, query = target.partition("?")
    with patch.dict(os.environ, env, clear=True):
        response = handle(Request(method, path, query, {}, body))
    return response.status, response.body.decode()


class Upstream(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(201)
        self.end_headers()
        self.wfile.write(b"ready")

    def log_message(self, *_):
        """Keeps the output to the tests."""


class AppTest(unittest.TestCase):
    def test_greets_the_world(self):
        self.assertEqual(ask("GET", "/"), (200, "Hello, world!\n"))

    def test_greets_who_is_named_as_greeting_says(self):
        self.assertEqual(
            ask("GET", "/?name=Ada%20Lovelace", GREETING="Moi"),
            (200, "Moi, Ada Lovelace!\n"),
        )

    def test_tells_what_it_was_asked(self):
        self.assertEqual(
            ask("POST", "/echo?a=1&b=2", b"some text"),
            (200, "method: POST\npath: /echo\nquery: a=1&b=2\nbody: some text\n"),
        )

    def test_calls_its_upstream_while_there_is_one(self):
        server = HTTPServer(("127.0.0.1", 0), Upstream)
        url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            self.assertEqual(
                ask("GET", "/upstream", UPSTREAM_URL=url),
                (200, "upstream: 201\nready"),
            )
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
        self.assertEqual(
            ask("GET", "/upstream", UPSTREAM_URL=url), (502, "upstream failed\n")
        )

    def test_tells_that_no_upstream_is_set(self):
        self.assertEqual(ask("GET", "/upstream"), (503, "UPSTREAM_URL is not set\n"))

    def test_knows_no_other_path(self):
        self.assertEqual(ask("GET", "/nowhere"), (404, "Not found\n"))
        self.assertEqual(ask("POST", "/"), (404, "Not found\n"))


if __name__ == "__main__":
    unittest.main()
