# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a plugin in Python speaks with its host: JSON-RPC 2.0, one message per line (docs/plugins.md, "A program").

    import lines

    def execute(value, settings):
        return {"hello": value}

    lines.serve("hello", "1.0.0", execute)
"""

import json
import sys

METHOD_NOT_FOUND, FAILED = -32601, -32000


class Failure(Exception):
    """What went wrong, in a sentence that the caller reads."""


def serve(name, version, execute=None, selftest=None, plan=None):
    """Answers until the host closes the line. execute(input, settings), selftest(settings), and plan(round, settings)
    of a strategy raise Failure."""
    settings = {}

    def answer(message):
        nonlocal settings
        method, params = message.get("method"), message.get("params") or {}
        if method == "initialize":
            settings = params.get("settings") or {}
            return {"name": name, "version": version, "api": 1}
        if method == "selftest":
            if selftest:
                selftest(settings)
            return {}
        if method == "plan" and plan:
            return plan(params, settings)
        if method == "execute" and execute:
            return {"output": execute(params.get("input"), settings)}
        raise LookupError(f"there is no method {method!r}")

    for line in sys.stdin:
        message = json.loads(line)
        # Only one call is done at a time: when it is read that one was cancelled, it is done.
        if "id" not in message:
            continue
        reply = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            reply["result"] = answer(message)
        except LookupError as e:
            reply["error"] = {"code": METHOD_NOT_FOUND, "message": str(e)}
        except Failure as e:
            reply["error"] = {"code": FAILED, "message": str(e)}
        # One call that was not foreseen is no reason to leave the others alone.
        except Exception as e:  # pylint: disable=broad-exception-caught
            reply["error"] = {"code": FAILED, "message": f"it failed: {type(e).__name__}: {e}"}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()
