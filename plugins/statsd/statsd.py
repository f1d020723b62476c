# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends what the service measures to a statsd by UDP: gauges as they are, counters as what they grew since the last time,
spans as times. Histograms are left to those spans."""

import re
import socket

import lines

DATAGRAM_MAX = 1400
before = {}


def word(text):
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)


def line(name, labels, value, kind, settings):
    name = word(name)
    if settings.get("format") == "plain":
        return ".".join([name, *(word(v) for v in labels.values())]) + f":{value}|{kind}"
    tags = ",".join(f"{word(k)}:{word(v)}" for k, v in labels.items() if v)
    return f"{name}:{value}|{kind}" + (f"|#{tags}" if tags else "")


def growth(key, value):
    """None the first time: what was before that was counted by nobody."""
    last = before.get(key)
    before[key] = value
    return None if last is None else value - last if value >= last else value


def lines_of(value, settings):
    for metric in value["metrics"]:
        for sample in metric["samples"]:
            if metric["type"] == "gauge":
                yield line(metric["name"], sample["labels"], f"{sample['value']:.9g}", "g", settings)
            elif metric["type"] == "counter":
                grown = growth((metric["name"], *sample["labels"].values()), sample["value"])
                if grown:
                    yield line(metric["name"], sample["labels"], f"{grown:.9g}", "c", settings)
    for span in value["spans"]:
        labels = {"subject": span["subject"], "result": "failed" if span["failed"] else "ok"}
        yield line("tmux_orchestrator.span." + span["name"], labels, f"{span['usec'] / 1000:.3f}", "ms", settings)


def datagrams(texts):
    packet = b""
    for text in texts:
        data = text.encode()
        if packet and len(packet) + 1 + len(data) > DATAGRAM_MAX:
            yield packet
            packet = b""
        packet += b"\n" + data if packet else data
    if packet:
        yield packet


def check(settings):
    port = settings.get("port")
    if not settings.get("host") or not isinstance(port, int) or not 0 < port < 65536:
        raise lines.Failure("settings need 'host' and 'port', from 1 to 65535")
    if settings.get("format", "datadog") not in ("datadog", "plain"):
        raise lines.Failure("'format' is datadog or plain")


def execute(value, settings):
    check(settings)
    sent = 0
    try:
        family, kind, proto, _, address = socket.getaddrinfo(settings["host"], settings["port"], type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, proto) as s:
            for packet in datagrams(lines_of(value, settings)):
                s.sendto(packet, address)
                sent += 1
    except OSError as e:
        raise lines.Failure(f"{settings['host']} cannot be reached: {e}") from None
    return {"datagrams": sent}


lines.serve("statsd", "1.0.0", execute, check)
