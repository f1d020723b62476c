# SPDX-License-Identifier: LGPL-2.1-or-later
"""Posts what the service measures, and what it did, to an OpenTelemetry collector: OTLP over HTTP, in JSON."""

import secrets

import lines
import post

SCOPE = {"name": "tmux-orchestrator"}
CUMULATIVE = 2
OK, FAILED = 1, 2
INTERNAL = 1


def nano(usec):
    return str(int(usec) * 1000)


def attributes(labels):
    return [{"key": k, "value": {"stringValue": v}} for k, v in labels.items() if v]


def points(metric, now, since=None):
    for sample in metric["samples"]:
        point = {"attributes": attributes(sample["labels"]), "timeUnixNano": now, "asDouble": sample["value"]}
        yield {**point, "startTimeUnixNano": since} if since else point


def histogram_points(metric, now, since):
    """Buckets come as counts of all that is not above a bound; they go as counts of what is between two."""
    found = {}
    for sample in metric["samples"]:
        labels = dict(sample["labels"])
        bound = labels.pop("le", None)
        one = found.setdefault(tuple(labels.items()), {"labels": labels, "bounds": [], "counts": []})
        if sample.get("suffix") == "_bucket":
            one["bounds"].append(bound)
            one["counts"].append(int(sample["value"]))
        else:
            one[sample.get("suffix")] = sample["value"]
    for one in found.values():
        counts = [n - (one["counts"][i - 1] if i else 0) for i, n in enumerate(one["counts"])]
        yield {"attributes": attributes(one["labels"]), "startTimeUnixNano": since, "timeUnixNano": now,
               "count": str(int(one.get("_count", 0))), "sum": one.get("_sum", 0), "bucketCounts": [str(n) for n in counts],
               "explicitBounds": [float(b) for b in one["bounds"] if b != "+Inf"]}


def metric_of(metric, now, since):
    head = {"name": metric["name"], "description": metric["help"], "unit": {"seconds": "s", "bytes": "By"}.get(metric.get("unit"), "1")}
    if metric["type"] == "counter":
        return {**head, "sum": {"aggregationTemporality": CUMULATIVE, "isMonotonic": True,
                                "dataPoints": list(points(metric, now, since))}}
    if metric["type"] == "histogram":
        return {**head, "histogram": {"aggregationTemporality": CUMULATIVE,
                                      "dataPoints": list(histogram_points(metric, now, since))}}
    return {**head, "gauge": {"dataPoints": list(points(metric, now))}}


def span_of(span):
    return {"traceId": secrets.token_hex(16), "spanId": secrets.token_hex(8), "name": span["name"], "kind": INTERNAL,
            "startTimeUnixNano": nano(span["start_usec"]), "endTimeUnixNano": nano(span["start_usec"] + span["usec"]),
            "attributes": attributes({"subject": span["subject"]}), "status": {"code": FAILED if span["failed"] else OK}}


def execute(value, settings):
    resource = {"attributes": attributes({"service.name": "tmux-orchestrator", "service.version": value.get("version", ""),
                                          "deployment.environment": value.get("environment", "")})}
    now, since = nano(value["time_usec"]), nano(value["started_usec"])
    base = str(settings.get("url") or "").rstrip("/")
    metrics = [metric_of(m, now, since) for m in value["metrics"]]
    spans = [span_of(s) for s in value["spans"]]
    post.post({**settings, "url": base + "/v1/metrics"},
              {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"scope": SCOPE, "metrics": metrics}]}]})
    if spans:
        post.post({**settings, "url": base + "/v1/traces"},
                  {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": SCOPE, "spans": spans}]}]})
    return {"metrics": len(metrics), "spans": len(spans)}


lines.serve("otlp", "1.0.0", execute, post.check)
