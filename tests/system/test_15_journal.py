# SPDX-License-Identifier: LGPL-2.1-or-later
"""The journal: what happened can be asked for by every field and by every kind of event."""

import json
import re

from machine import SERVICE, need, run, wait_for

AGENT_CHANGED, AGENT_FOUND, STARTED = ("37d739dcdcfec652a81015dd04fad450", "20586e7fd451879f08a0865799cefb94",
                                       "3bcf11fbc296599f43526fb742e19d09")
CATALOG = "/usr/lib/systemd/catalog/tmux-orchestrator.catalog"


def entries(machine, *matches):
    return [json.loads(line) for line in machine.journal("-o", "json", *matches).splitlines()]


def what_happened_is_found_by_every_field(machine):
    alice, tmux, agent, found = machine.one_agent("alice")
    agent.play("work")
    machine.wait_for_state(tmux, agent.pane, "working")
    who = f"TMUX_ORC_AGENT={found['Id']}"
    wait_for(lambda: entries(machine, who, "TMUX_ORC_STATE=working"), "the change is in the journal")
    entry = entries(machine, who, "TMUX_ORC_STATE=working")[-1]
    for field in ("TMUX_ORC_PANE", "TMUX_ORC_SERVER", "TMUX_ORC_OLD_STATE", "TMUX_ORC_RULE"):
        need(entry.get(field), f"{field} is there: {entry}")
        need(entries(machine, who, f"{field}={entry[field]}"), f"and found by {field}")
    need(entry["MESSAGE_ID"] == AGENT_CHANGED and entry["SYSLOG_IDENTIFIER"] == "tmux-orchestrator", f"of its kind: {entry}")
    need(entries(machine, who, f"MESSAGE_ID={AGENT_FOUND}"), "as was that it was found")
    need(entry["_SYSTEMD_UNIT"] == SERVICE and entry["_UID"] == run("id", "-u", "tmux-orc").strip(), "from the service")
    text = machine.journal("-x", "-o", "cat", "-n", "1", who, f"MESSAGE_ID={AGENT_CHANGED}")
    text += machine.journal("-x", "-n", "1", who, f"MESSAGE_ID={AGENT_CHANGED}")
    need(f"tmux-orc explain {found['Id']}" in text, f"journalctl -x explains it, with its name: {text}")


def deeds_are_found_by_who_did_them(machine):
    machine.call("ClearCache", "s", "config")
    run("systemctl", "reload", SERVICE)
    machine.wait_for_journal("read anew", "TMUX_ORC_COMPONENT=config")


def every_kind_of_event_is_explained(machine):
    del machine
    with open(CATALOG, encoding="utf-8") as f:
        ids = re.findall(r"^-- ([0-9a-f]{32})$", f.read(), re.M)
    need(len(ids) > 20, f"many kinds: {len(ids)}")
    shown = run("journalctl", "--dump-catalog", *ids)
    for i in ids:
        need(i in shown, f"journalctl knows {i}")


def its_journal_is_its_own(machine):
    need(not run("journalctl", "--no-pager", "-q", "-t", "tmux-orchestrator", f"MESSAGE_ID={STARTED}").strip(),
         "not in the system's")
    need(entries(machine, f"MESSAGE_ID={STARTED}"), "but in its own")


# About, in a machine that is emulated beside three others.
SECONDS = 15
TESTS = [what_happened_is_found_by_every_field, deeds_are_found_by_who_did_them, every_kind_of_event_is_explained,
         its_journal_is_its_own]
