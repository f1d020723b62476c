# SPDX-License-Identifier: LGPL-2.1-or-later
"""Posts a notice in the form that Slack's incoming webhooks take, and Mattermost's and Rocket.Chat's with them."""

import lines
import post

SIGNS = {"critical": ":red_circle:", "warning": ":large_yellow_circle:", "info": ":information_source:"}


def clean(text):
    """What has a meaning in Slack's texts must not be forged by what a pane shows."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message(notice):
    over = notice.get("over")
    sign = ":white_check_mark: over:" if over else SIGNS[notice.get("severity", "info")]
    text = f"{sign} *{clean(notice['summary'])}*"
    if notice.get("body"):
        text += "\n" + clean(notice["body"])
    where = " · ".join(clean(notice[key]) for key in ("agent", "state", "target") if notice.get(key))
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    if where:
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": where}]})
    return {"text": ("over: " if over else "") + clean(notice["summary"]), "blocks": blocks}


def execute(notice, settings):
    body = message(notice)
    if settings.get("channel"):
        body["channel"] = settings["channel"]
    status, _ = post.post(settings, body)
    return {"status": status}


lines.serve("slack", "1.0.0", execute, post.check)
