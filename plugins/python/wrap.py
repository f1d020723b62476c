# SPDX-License-Identifier: LGPL-2.1-or-later
"""wrap.py NAME VERSION: makes a program that knows nothing of plugins one of them.

The settings have "command", a list, where "{member}" stands for that member of the input, and "reads": "text", or
"nagios" for a check that says how things are by its exit status (0 to 3), one line, and figures after a bar."""

import re
import subprocess
import sys
import threading

import lines

OUTPUT_MAX = 256 * 1024
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
FIGURE = re.compile(r"\s*('(?:[^']|'')*'|[^\s'=]+)=(?:(" + NUMBER + r")|U)([^\s;\d]*)((?:;[^\s;]*)*)")


def fill(command, value):
    """The arguments. What comes from a caller is never taken for an option."""
    def member(match):
        if match[1] not in value:
            raise lines.Failure(f"the input needs '{match[1]}'")
        return str(value[match[1]])

    filled = []
    for word in command:
        text = re.sub(r"\{(\w+)\}", member, word)
        if text.startswith("-") and not word.startswith("-"):
            raise lines.Failure(f"'{text[:50]}' looks like an option")
        if "\0" in text:
            raise lines.Failure("a NUL is in no argument")
        filled.append(text)
    return filled


def run(command):
    """(exit status, output, errors): each as much of it as is taken."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as e:
        raise lines.Failure(f"cannot run {command[0]}: {e.strerror}") from None
    parts = {}

    def take(name, stream):
        parts[name] = stream.read(OUTPUT_MAX + 1)
        if len(parts[name]) > OUTPUT_MAX:
            process.kill()

    readers = [threading.Thread(target=take, args=row) for row in
               (("output", process.stdout), ("errors", process.stderr))]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    status = process.wait()
    process.stdout.close()
    process.stderr.close()
    if any(len(part) > OUTPUT_MAX for part in parts.values()):
        raise lines.Failure(f"it printed more than {OUTPUT_MAX} bytes")
    if status < 0:
        raise lines.Failure(f"it was ended by signal {-status}")
    return status, *(parts[name].decode("utf-8", "replace") for name in ("output", "errors"))


def read_figures(text):
    figures = []
    for label, number, unit, rest in FIGURE.findall(text):
        if label.startswith("'"):
            label = label[1:-1].replace("''", "'")
        figure = {"label": label, "value": float(number) if number else None, "unit": unit}
        for key, limit in zip(("warn", "crit", "min", "max"), rest.split(";")[1:]):
            if limit and key in ("warn", "crit"):
                figure[key] = limit
            elif re.fullmatch(NUMBER, limit):
                figure[key] = float(limit)
        figures.append(figure)
    return figures


def read_check(status, output, errors):
    """The first line has text and figures; of the others, what comes after a bar is figures as well."""
    first, _, rest = output.partition("\n")
    text, _, figures = first.partition("|")
    more, _, more_figures = rest.partition("|")
    if not text.strip():
        raise lines.Failure(f"it printed nothing: {errors.strip()[:200]}")
    status = status if status < len(STATES) else 3
    answer = {"state": STATES[status], "status": status, "text": text.strip(),
              "perfdata": read_figures(figures + " " + more_figures.replace("\n", " "))}
    if more.strip():
        answer["more"] = more.strip()
    return answer


def execute(value, settings):
    status, output, errors = run(fill(settings["command"], value or {}))
    if settings.get("reads") == "nagios":
        return read_check(status, output, errors)
    return {"status": status, "output": output, "errors": errors}


def selftest(settings):
    command = settings.get("command")
    if not isinstance(command, list) or not command or not all(isinstance(word, str) for word in command):
        raise lines.Failure("settings need 'command', a list of words")


if __name__ == "__main__":
    lines.serve(sys.argv[1], sys.argv[2], execute, selftest)
