# SPDX-License-Identifier: LGPL-2.1-or-later
"""The exporter, started as systemd does: a socket that outlives it, and the program when somebody comes."""

import http.client
import os
import select
import socket
import subprocess
import threading

import harness


class Exporter(threading.Thread):
    def __init__(self, ring, *options):
        super().__init__(daemon=True)
        self.ring, self.options, self.starts, self.process = ring, options, 0, None
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.port = self.listener.getsockname()[1]
        self.ending = False
        self.start()

    def run(self):
        while not self.ending:
            if select.select([self.listener], [], [], 0.1)[0] and not self.ending:
                self.start_once()
                self.process.wait()

    def start_once(self):
        program = os.path.join(harness.build_folder(), "tools", "tmux-orchestrator-http")
        fd = self.listener.fileno()
        self.starts += 1
        self.process = self.ring.spawn(
            "exporter", ["sh", "-c", 'exec env LISTEN_PID=$$ LISTEN_FDS=1 "$@"', "sh", program, "--user", *self.options],
            preexec_fn=lambda: os.dup2(fd, 3), pass_fds=(3,), stderr=subprocess.STDOUT)

    def end(self):
        self.ending = True
        if self.process and self.process.poll() is None:
            self.process.terminate()
            return self.process.wait(10 * harness.PATIENCE)
        return self.process.returncode if self.process else None

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30 * harness.PATIENCE)

    def get(self, path, method="GET", body=None, **headers):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30 * harness.PATIENCE)
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        answer = response.status, dict(response.getheaders()), response.read().decode()
        connection.close()
        return answer

    def status(self, path, patience=2):
        """0: no place was free for it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience * harness.PATIENCE)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def send(self, data):
        """The status of what raw bytes are answered with; 0: none, it was cut off."""
        with self.connect() as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                answer = b""
                while more := s.recv(65536):
                    answer += more
            except OSError:
                return 0
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0
