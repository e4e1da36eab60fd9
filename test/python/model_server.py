"""Serves an artifact as the model server of a deployment does: loads score.py, calls predict() for each request.

Usage: model_server.py FOLDER. Prints its port.
"""

import importlib.util
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The service mounts the artifact read-only, and starts somewhere else.
folder = os.path.abspath(sys.argv[1])
os.chdir("/")
sys.dont_write_bytecode = True

specification = importlib.util.spec_from_file_location("score", os.path.join(folder, "score.py"))
score = importlib.util.module_from_spec(specification)
specification.loader.exec_module(score)
model = score.load_model()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path != "/predict":
            return self.answer(404, {"code": "NotAuthorizedOrNotFound"})
        is_json = self.headers.get("content-type", "").startswith("application/json")
        try:
            return self.answer(200, score.predict(json.loads(body) if is_json else body, model))
        except Exception as error:
            return self.answer(500, {"code": "InternalServerError", "message": str(error)})

    def answer(self, status, document):
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Handler)
print(f"listening {server.server_port}", flush=True)
server.serve_forever()
