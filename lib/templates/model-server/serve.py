"""Serves an unpacked score artifact on this machine, as the model server of a deployment does.

Usage: serve.py FOLDER PORT. Loads score.py once, then answers each POST to /predict with what predict() returns.
"""

import importlib.util
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The most bytes of a call: https://docs.oracle.com/en-us/iaas/Content/data-science/using/model-dep-invoke.htm
MAX_BYTES = 10_000_000

folder = os.path.abspath(sys.argv[1])
# The service mounts the artifact read-only and starts somewhere else.
os.chdir("/")
sys.dont_write_bytecode = True

specification = importlib.util.spec_from_file_location("score", os.path.join(folder, "score.py"))
score = importlib.util.module_from_spec(specification)
specification.loader.exec_module(score)
model = score.load_model()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        if self.path != "/predict":
            self.close_connection = True
            return self.answer(404, {"code": "NotAuthorizedOrNotFound"})
        if length > MAX_BYTES:
            self.close_connection = True
            return self.answer(413, {"code": "RequestEntityTooLarge"})
        body = self.rfile.read(length)
        is_json = (self.headers.get("content-type") or "").startswith("application/json")
        try:
            return self.answer(200, score.predict(json.loads(body) if is_json else body, model))
        except Exception as error:
            print(f"predict failed: {error!r}", file=sys.stderr, flush=True)
            return self.answer(500, {"code": "InternalServerError", "message": "predict failed; see the log"})

    def answer(self, status, document):
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
