# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stand-in for the model services that agents talk to: on 127.0.0.1, scripted, no model in it.

It speaks as much of the OpenAI Responses and Chat Completions interfaces, of Anthropic Messages and
of Gemini as the agents' programs need for a turn. What it answers is decided by a word in the last
thing that the user said:

    slow    writes a long answer, until release() is called; so does "continue"
    tool    asks to run a command, for which the agent must ask its user
    limit   status 429: the usage limit is reached
    fail    status 400: an error that is not worth another try
    deny    status 401
    other   a short answer
"""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = ("slow", "tool", "limit", "fail", "deny", "continue")
LONG = ("slow", "continue")
COMMAND = "touch standin-was-here"
LIMIT_RESETS_IN = 7200


class Standin(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.released = threading.Event()
        self.log = []
        self.asked = []  # all that the user said in the conversation that came last
        self.limit_lasts = None  # seconds, at least: then the limit is one, whatever is asked
        self.limited_until = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def release(self):
        """The slow answers that are being written come to their end."""
        self.released.set()

    def hold(self):
        self.released.clear()

    def is_limited(self, scene):
        """Ends with a whole minute, for programs show no seconds."""
        now = time.time()
        if scene == "limit" and self.limit_lasts is not None and self.limited_until <= now:
            self.limited_until = -(-(now + self.limit_lasts) // 60) * 60
        return now < self.limited_until

    def limit_resets(self):
        return int(self.limited_until) or int(time.time()) + LIMIT_RESETS_IN


def texts(content):
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(texts(c.get("text", c.get("content", ""))) for c in content if isinstance(c, dict))
    return ""


def conversation(body):
    """[(role, text)] of a request in any of the four interfaces; role tool where a command's result
    comes last."""
    result = []
    items = body.get("input", body.get("messages", body.get("contents", [])))
    for item in [{"role": "user", "content": items}] if isinstance(items, str) else items:
        kind, content = item.get("type", "message"), item.get("content", item.get("parts"))
        parts = content if isinstance(content, list) else []
        last = parts[-1] if parts else {}
        if kind.endswith("_output") or item.get("role") == "tool" or (
                last.get("type") == "tool_result" or "functionResponse" in last):
            result.append(("tool", ""))
        elif kind == "message":
            result.append((item.get("role", "user"), texts(content)))
    return result


def tool_names(body):
    tools = body.get("tools") or []
    names = [(t.get("function") or t).get("name", "") for t in tools if isinstance(t, dict)]
    for t in tools:
        names += [d["name"] for d in t.get("functionDeclarations", [])]
    return [n for n in names if n]


def said_in(turns):
    """What programs put around it, they put into tags."""
    asked = (re.sub(r"<([a-z_-]+)>.*?</\1>", "", text, flags=re.S).strip()
             for role, text in turns if role == "user")
    return [text for text in asked if text]


def scene_of(body):
    turns = conversation(body)
    if not tool_names(body) or not turns:
        return "title"
    if turns[-1][0] == "tool":
        return "other"
    # What was not answered, some programs send once more, before what is said now.
    words = re.findall(rf"\b({'|'.join(WORDS)})\b", "".join(said_in(turns)[-1:]))
    return words[-1] if words else "other"


def shell_call(body):
    """(name, arguments) of the tool that runs commands."""
    for name in tool_names(body):
        if name in ("exec_command",):
            return name, {"cmd": COMMAND, "sandbox_permissions": "require_escalated",
                          "justification": "May I touch a file?"}
        if name in ("shell", "shell_command"):
            command = ["bash", "-c", COMMAND] if name == "shell" else COMMAND
            return name, {"command": command, "sandbox_permissions": "require_escalated",
                          "with_escalated_permissions": True,
                          "justification": "May I touch a file?"}
        if name.lower() in ("bash", "run_shell_command"):
            return name, {"command": COMMAND, "description": "Touches a file"}
    return None, None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.server.log.append(("GET", self.path, ""))
        self.reply(200, {"object": "list", "data": [], "models": []})

    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(data)
        except ValueError:
            self.reply(404, {"error": {"message": "not here"}})
            return
        self.scene = scene_of(body)
        if self.scene != "title":
            self.server.asked = said_in(conversation(body))
            if self.server.is_limited(self.scene):
                self.scene = "limit"
        self.server.log.append(("POST", self.path, self.scene))
        try:
            self.answer(body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self, body):
        path = self.path.split("?")[0]
        if self.scene in ERRORS:
            self.reply(*ERRORS[self.scene](path, self.server))
        elif path.endswith("/responses"):
            Responses(self, body).write()
        elif path.endswith("/chat/completions"):
            Chat(self, body).write()
        elif path.endswith("/messages"):
            Messages(self, body).write()
        elif ":streamGenerateContent" in path or ":generateContent" in path:
            Gemini(self, body).write()
        else:
            self.reply(404, {"error": {"message": "not here"}})

    def reply(self, status, value, headers=()):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, value, name=None):
        text = value if isinstance(value, str) else json.dumps(value)
        self.wfile.write(((f"event: {name}\n" if name else "") + f"data: {text}\n\n").encode())
        self.wfile.flush()

    def pieces(self):
        """The text of the answer, as it is written."""
        if self.scene == "title":
            yield "Tidy the parser"
            return
        if self.scene not in LONG:
            yield "That is done."
            return
        for i in range(10000):
            yield f"Line {i}: the parser reads a line and stores it.\n\n"
            if self.server.released.wait(0.3):
                return


def limit(path, server):
    resets = server.limit_resets()
    if path.endswith("/messages"):
        return 429, {"type": "error", "error": {"type": "rate_limit_error", "message": "limit reached"}}, (
            ("anthropic-ratelimit-unified-status", "rejected"),
            ("anthropic-ratelimit-unified-reset", str(resets)),
            ("anthropic-ratelimit-unified-representative-claim",
             "seven_day" if resets - time.time() > 86400 else "five_hour"))
    if ":" in path:
        return 429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "The daily quota is used up",
                               "details": [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
                                   {"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}]}]}}
    if path.endswith("/responses"):
        return 429, {"error": {"type": "usage_limit_reached", "message": "The usage limit has been reached",
                               "plan_type": "plus", "resets_at": resets,
                               "resets_in_seconds": int(resets - time.time())}}
    return 429, {"error": {"type": "rate_limit_exceeded", "code": "rate_limit_exceeded",
                           "message": "Rate limit reached for requests. Please try again in 20s."}}, (
        ("retry-after", "20"),)


ERRORS = {
    "limit": limit,
    "fail": lambda *_: (400, {"error": {"type": "invalid_request_error", "code": "bad",
                                          "message": "Invalid request: it makes no sense"}}),
    "deny": lambda *_: (401, {"error": {"type": "invalid_request_error", "code": "invalid_api_key",
                                          "message": "This key is not known"}}),
}


class Stream:
    """One answer: text, or a call of the tool that runs commands."""

    def __init__(self, handler, body):
        self.http, self.body = handler, body
        self.model = body.get("model", "model")
        self.id = f"{time.time_ns()}"  # answers of the same id would be taken for one
        self.tool, self.arguments = shell_call(body) if handler.scene == "tool" else (None, None)

    def write(self):
        self.http.begin_stream()
        self.begin()
        if self.tool:
            self.call()
        else:
            for piece in self.http.pieces():
                self.piece(piece)
        self.end()


class Responses(Stream):
    def item(self, status, text):
        return {"type": "message", "id": f"msg_{self.id}", "role": "assistant", "status": status,
                "content": [{"type": "output_text", "text": text, "annotations": []}] if text else []}

    def emit(self, kind, **fields):
        self.http.event({"type": kind, **fields}, kind)

    def begin(self):
        self.text = ""
        self.emit("response.created", response={"id": f"resp_{self.id}", "status": "in_progress", "output": []})
        if not self.tool:
            self.emit("response.output_item.added", output_index=0, item=self.item("in_progress", ""))

    def piece(self, text):
        self.text += text
        self.emit("response.output_text.delta", item_id=f"msg_{self.id}", output_index=0, content_index=0, delta=text)

    def call(self):
        self.done = {"type": "function_call", "id": f"fc_{self.id}", "call_id": f"call_{self.id}", "name": self.tool,
                     "arguments": json.dumps(self.arguments), "status": "completed"}

    def end(self):
        item = self.done if self.tool else self.item("completed", self.text)
        self.emit("response.output_item.done", output_index=0, item=item)
        self.emit("response.completed", response={
            "id": f"resp_{self.id}", "status": "completed", "output": [item],
            "usage": {"input_tokens": 1000, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 50,
                      "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 1050}})


class Chat(Stream):
    def chunk(self, delta, finish=None, **more):
        self.http.event({"id": self.id, "object": "chat.completion.chunk", "created": int(time.time()),
                         "model": self.model, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
                         **more})

    def begin(self):
        self.chunk({"role": "assistant", "content": ""})

    def piece(self, text):
        self.chunk({"content": text})

    def call(self):
        self.chunk({"tool_calls": [{"index": 0, "id": f"call_{self.id}", "type": "function", "function": {
            "name": self.tool, "arguments": json.dumps(self.arguments)}}]})

    def end(self):
        self.chunk({}, "tool_calls" if self.tool else "stop",
                   usage={"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050})
        self.http.event("[DONE]")


class Messages(Stream):
    def emit(self, kind, **fields):
        self.http.event({"type": kind, **fields}, kind)

    def begin(self):
        self.emit("message_start", message={
            "id": f"msg_{self.id}", "type": "message", "role": "assistant", "model": self.model, "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1000, "output_tokens": 1}})
        block = {"type": "tool_use", "id": f"toolu_{self.id}", "name": self.tool, "input": {}}
        self.emit("content_block_start", index=0,
                  content_block=block if self.tool else {"type": "text", "text": ""})

    def piece(self, text):
        self.emit("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def call(self):
        self.emit("content_block_delta", index=0,
                  delta={"type": "input_json_delta", "partial_json": json.dumps(self.arguments)})

    def end(self):
        self.emit("content_block_stop", index=0)
        self.emit("message_delta", delta={"stop_reason": "tool_use" if self.tool else "end_turn",
                                          "stop_sequence": None}, usage={"output_tokens": 50})
        self.emit("message_stop")


class Gemini(Stream):
    def candidate(self, part, finish=None):
        self.http.event({"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0,
                                         **({"finishReason": finish} if finish else {})}],
                         "usageMetadata": {"promptTokenCount": 1000, "totalTokenCount": 1050}})

    def begin(self):
        pass

    def piece(self, text):
        self.candidate({"text": text})

    def call(self):
        self.candidate({"functionCall": {"name": self.tool, "args": self.arguments}})

    def end(self):
        self.candidate({"text": ""}, "STOP")
