"""A timestamping authority of our own, made with openssl (RFC 3161)."""

import shutil
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

CONFIGURATION = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(folder, *asked):
    program = shutil.which("openssl")
    subprocess.run([program, *asked], cwd=folder, check=True, capture_output=True)


def make(folder):
    """Make an authority in a folder; its certificates end after two days."""
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-sha256")
    root = ("-x509", "-days", "2", "-keyout", "root.key", "-out", "root.pem")
    openssl(folder, *new, *root, "-subj", "/CN=Racine")
    asked = ("-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Horodatage")
    openssl(folder, *new, *asked)
    (folder / "usage").write_text(
        "extendedKeyUsage=critical,timeStamping\n"
        "keyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\n"
    )
    signing = ("x509", "-req", "-in", "tsa.csr", "-days", "2", "-extfile", "usage")
    by = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
    openssl(folder, *signing, *by, "-out", "tsa.pem")
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))
    return folder


def answered_by(folder):
    """Answer each request as the authority of a folder does."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            (folder / "query").write_bytes(self.rfile.read(length))
            asked = ("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa")
            openssl(folder, *asked, "-queryfile", "query", "-out", "reply")
            self.answer((folder / "reply").read_bytes())

        def answer(self, content):
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    return Answering


@contextmanager
def serving(handler, settings, folder):
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.TIMESTAMP_URL = f"http://127.0.0.1:{server.server_address[1]}/tsr"
        settings.TIMESTAMP_CERTIFICATES = str(folder / "root.pem")
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
