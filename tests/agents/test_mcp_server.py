#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reference server of the Model Context Protocol, unchanged from npm, as tool plugins in the sandbox."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import plugin_ring  # noqa: E402 pylint: disable=wrong-import-position
import programs  # noqa: E402 pylint: disable=wrong-import-position
from programs import harness  # noqa: E402 pylint: disable=wrong-import-position

MANIFEST = """program: [{node}, server/node_modules/@modelcontextprotocol/server-everything/dist/index.js, stdio]
protocol: mcp
tool: {tool}
timeout: 60s
limits: {{memory: 1G, tasks: 64}}
input_schema: {schema}
"""
TOOLS = {
    "echo": ("echo", "{type: object, properties: {message: {type: string}}, required: [message]}"),
    "sum": ("get-sum", "{type: object, properties: {a: {type: number}, b: {type: number}}, required: [a, b]}"),
    "weather": ("get-structured-content", "{type: object, properties: {location: {type: string}}}"),
    "slow": ("trigger-long-running-operation", "{type: object}"),
}


def node():
    path = os.path.realpath(shutil.which("node") or "")
    if not path.startswith(("/usr/", "/opt/")):
        raise harness.Skip(f"a plugin may run what is in /usr and /opt, and node is '{path}'")
    return path


def install(ring):
    program = programs.install("mcp-server-everything")
    for name, (tool, schema) in TOOLS.items():
        folder = plugin_ring.folder_of(ring, name)
        os.makedirs(folder, mode=0o755)
        # As npm left it; it may read its own folder, and no other one in somebody's home.
        shutil.copytree(os.path.dirname(os.path.dirname(os.path.dirname(program))), os.path.join(folder, "server"),
                        symlinks=True, copy_function=os.link)
        plugin_ring.install(ring, name, MANIFEST.format(node=node(), tool=tool, schema=schema))


def a_real_mcp_server_is_a_plugin_as_it_is(ring):
    install(ring)
    ring.start()
    output, _ = plugin_ring.execute(ring, "echo", {"message": "ünï"})
    harness.need(output["content"][0]["text"] == "Echo: ünï", f"{output}")
    output, _ = plugin_ring.execute(ring, "sum", {"a": 2, "b": 40})
    harness.need("42" in output["content"][0]["text"], f"{output}")
    output, _ = plugin_ring.execute(ring, "weather", {"location": "New York"})
    harness.need("temperature" in output and "content" not in output, f"structured content is the output: {output}")
    error = plugin_ring.refused(ring, "echo", {"message": 7})
    harness.need("/message" in error, f"what does not fit never reaches it: {error}")
    error = plugin_ring.refused(ring, "weather", {"location": "nowhere"})
    harness.need(error, "its own refusal is told")
    seen = plugin_ring.plugin(ring, "echo")
    harness.need(seen["SandboxLevel"] in ("walled", "isolated") and seen["Restarts"] == 0, f"{seen}")


def a_call_that_takes_long_is_cancelled_and_the_server_lives_on(ring):
    install(ring)
    ring.start()
    error = plugin_ring.refused(ring, "slow", {"duration": 20, "steps": 4}, "timeout_usec", "t", "1500000")
    harness.need("did not answer within 1.5 s" in error, error)
    output, _ = plugin_ring.execute(ring, "slow", {"duration": 0.1, "steps": 1})
    harness.need("completed" in output["content"][0]["text"], f"{output}")


def its_folder_is_all_that_it_sees(ring):
    install(ring)
    ring.start()
    plugin_ring.execute(ring, "echo", {"message": "x"})
    host = plugin_ring.hosts(ring)[0]
    status = harness.status_of(harness.children_of(host)[0])
    harness.need(status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2", f"{status}")


harness.main(a_real_mcp_server_is_a_plugin_as_it_is, a_call_that_takes_long_is_cancelled_and_the_server_lives_on,
             its_folder_is_all_that_it_sees)
