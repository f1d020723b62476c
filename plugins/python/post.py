# SPDX-License-Identifier: LGPL-2.1-or-later
"""Posts JSON to the URL of the settings, for the plugins that tell others something. Callers choose what is said, the
administrator alone where to."""

import json
import socket
import urllib.error
import urllib.parse
import urllib.request

from lines import Failure

ANSWER_MAX = 65536
SECONDS = 8


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """What was meant for one host is not handed to another."""

    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


def check(settings):
    url = urllib.parse.urlsplit(settings.get("url") or "")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise Failure("settings need 'url', where to post to: http:// or https://")


def post(settings, body):
    """(status, the text of the answer)"""
    check(settings)
    headers = {"Content-Type": "application/json", "User-Agent": "tmux-orchestrator"}
    headers.update({str(k): str(v) for k, v in (settings.get("headers") or {}).items()})
    request = urllib.request.Request(settings["url"], data=json.dumps(body).encode(), headers=headers, method="POST")
    host = urllib.parse.urlsplit(settings["url"]).netloc.rpartition("@")[2]
    try:
        with OPENER.open(request, timeout=SECONDS) as answer:
            return answer.status, answer.read(ANSWER_MAX).decode("utf-8", "replace")
    except urllib.error.HTTPError as e:
        raise Failure(f"{host} refused it: {e.code} {e.reason}") from None
    except (socket.timeout, TimeoutError):
        raise Failure(f"{host} did not answer within {SECONDS} s") from None
    except (urllib.error.URLError, OSError, ValueError) as e:
        raise Failure(f"{host} cannot be reached: {getattr(e, 'reason', e)}") from None
