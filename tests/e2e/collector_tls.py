"""RESP over TLS: server name sent, no ALPN offered, the certificate checked unless told not to.

The certificate is tests/data/collector/localhost.pem, which nobody trusts; its key is there
too, because it protects nothing.
"""
import os
import ssl

from collector_harness import (Ledger, Script, equal, event, folder, frame, message, run_tests,
                               wait_until)

DATA = os.path.join(os.environ["USAGE_SOURCE_DIR"], "tests/data/collector")


class Tls:
    """Wraps accepted connections; notes server name and ALPN of those that speak RESP."""

    def __init__(self):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{DATA}/localhost.pem", f"{DATA}/localhost.key")
        self.context.set_alpn_protocols(["http/1.1"])
        self.context.sni_callback = self.note_name
        self.names = []
        self.resp_alpn = []

    def note_name(self, connection, name, context):
        self.names.append(name)

    def wrap(self, connection):
        return self.context.wrap_socket(connection, server_side=True)

    def talk(self, peer, words):
        if words[0] == "HTTP":
            peer.answer("200 OK", b"[]")
            return True
        if words[0] == "AUTH":
            self.resp_alpn.append(peer.socket.selected_alpn_protocol())
        peer.send({"AUTH": b"+OK\r\n", "LPOP": b"*0\r\n",
                   "SUBSCRIBE": frame("subscribe", "usage", 1),
                   "UNSUBSCRIBE": frame("unsubscribe", "usage", 0)}[words[0]])
        if words[0] == "SUBSCRIBE":
            for number in range(300):
                peer.send(message(event(f"tls-{number:03d}", number)))
        return words[0] != "UNSUBSCRIBE"


def a_subscription_over_tls():
    tls = Tls()
    with folder() as data, Script(tls.talk, tls.wrap) as script:
        url = f"https://localhost:{script.port}"
        with Ledger(data, url, skip_verify=True) as ledger:
            ledger.wait_for_transport("subscribe")
            wait_until(lambda: ledger.events() == 300, "the events")
        equal(set(tls.names), {"localhost"}, "server names")
        equal(set(tls.resp_alpn), {None}, "ALPN of RESP connections")
        equal(script.heard("UNSUBSCRIBE"), 1, "ordered ends")


def an_unknown_certificate_is_refused():
    tls = Tls()
    with folder() as data, Script(tls.talk, tls.wrap) as script:
        with Ledger(data, f"https://localhost:{script.port}") as ledger:
            ledger.wait_for_error("certificate")
            equal(ledger.status()["collector"], "error", "collector")
        equal(script.log, [], "commands over a connection that is not trusted")


def a_gateway_without_tls_is_told():
    tls = Tls()
    with folder() as data, Script(tls.talk) as script:
        with Ledger(data, f"https://localhost:{script.port}", mode="subscribe") as ledger:
            ledger.wait_for_error("connect: ")


run_tests([
    a_subscription_over_tls,
    an_unknown_certificate_is_refused,
    a_gateway_without_tls_is_told,
])
