# SPDX-License-Identifier: LGPL-2.1-or-later
"""Opens a ticket: posts title and text in the fields that the tracker wants, and says what it was called there."""

import json

import lines
import post

FIELDS = {"title": "title", "body": "body"}


def find(value, path):
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text_of(notice):
    facts = [f"{key}: {notice[key]}" for key in ("agent", "state", "target", "severity") if notice.get(key)]
    return "\n\n".join(part for part in (notice.get("body"), "\n".join(facts)) if part)


def execute(notice, settings):
    names = {**FIELDS, **(settings.get("fields") or {})}
    body = {**(settings.get("constants") or {}), names["title"]: notice["summary"], names["body"]: text_of(notice)}
    status, answer = post.post(settings, body)
    try:
        created = json.loads(answer)
    except ValueError:
        raise lines.Failure(f"the tracker took it ({status}), and does not say as what") from None
    ticket = {"status": status}
    for key, path in (("id", settings.get("id") or "id"), ("url", settings.get("link") or "html_url")):
        found = find(created, path)
        if found is not None:
            ticket[key] = str(found)
    return ticket


lines.serve("ticket", "1.0.0", execute, post.check)
