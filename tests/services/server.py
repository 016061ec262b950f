"""A web server of our own, with the faults that the web has."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image


def picture() -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((64, 48), 90).convert("RGB").save(stream, "PNG")
    return stream.getvalue()


PNG = picture()
PAGE = b"<!DOCTYPE html>\n<html><head><title>Poppies</title></head>" + b"<p>" * 500


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        name, _, rest = self.path.strip("/").partition("/")
        getattr(self, name.partition(".")[0])(rest)

    def send(self, status: int = 200, body: bytes = b"", **headers: object) -> None:
        self.send_response(status)
        self.send_header("Set-Cookie", "who=you")
        for key, value in ({"Content_Length": len(body)} | headers).items():
            if value is not None:
                self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def poppy(self, _: str) -> None:
        self.send(body=PNG)

    def unmeasured(self, _: str) -> None:
        self.close_connection = True
        self.send(body=PNG, Content_Length=None)

    def mismeasured(self, length: str) -> None:
        self.close_connection = True
        self.send(body=PNG, Content_Length=length)

    def status(self, number: str) -> None:
        self.send(int(number), PAGE, Content_Type="text/html")

    def text(self, kind: str) -> None:
        self.send(body=PAGE if kind == "html" else b"x" * 99, Content_Type=f"text/{kind}")

    def picture(self, _: str) -> None:  # a page that says it is a picture
        self.send(body=PAGE, Content_Type="image/jpeg")

    def empty(self, _: str) -> None:
        self.send()

    def hop(self, left: str) -> None:
        self.send(302, Location=f"/hop/{int(left) - 1}" if int(left) else "/poppy.png")

    def to(self, address: str) -> None:
        self.send(302, Location=address)

    def large(self, claimed: str) -> None:
        self.send(Content_Length=claimed or None)
        self.close_connection = True
        self.wfile.write(PNG)
        while not self.server.over.wait(0.001):
            self.wfile.write(bytes(10_000))

    def broken(self, _: str) -> None:
        self.send(body=PNG[:200], Content_Length=len(PNG))
        self.close_connection = True

    def silent(self, sent: str) -> None:
        if sent:
            self.send(body=PNG[: int(sent)], Content_Length=len(PNG))
            self.wfile.flush()
        self.server.over.wait(30)

    def drip(self, _: str) -> None:
        self.send(Content_Length=len(PNG))
        for start in range(0, len(PNG), 2000):
            self.wfile.write(PNG[start : start + 2000])
            self.server.over.wait(0.05)


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    def handle_error(self, *_: object) -> None:  # the program hung up, as it may
        pass

    def __call__(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"
