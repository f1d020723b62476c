# SPDX-License-Identifier: LGPL-2.1-or-later
"""Posts a notice as it is to a URL."""

import lines
import post


def execute(notice, settings):
    status, _ = post.post(settings, notice)
    return {"status": status}


lines.serve("webhook", "1.0.0", execute, post.check)
