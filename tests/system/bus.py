# SPDX-License-Identifier: LGPL-2.1-or-later
"""The system's bus, and process 1, asked by connections of our own: a program started for every question takes a third
of a second where the processor is emulated, and tests ask until something is so."""

import dbus
import dbus.bus
import dbus.connection

from harness import Failure

PROPERTIES = "org.freedesktop.DBus.Properties"
SYSTEMD = "org.freedesktop.systemd1"
GONE = "org.freedesktop.DBus.Error.NoReply"


def as_json(value):
    """As busctl --json=short prints it."""
    if getattr(value, "variant_level", 0):
        return {"data": as_json_in(value)}
    return as_json_in(value)


def as_json_in(value):
    if isinstance(value, dict):
        return {as_json(k): as_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    if isinstance(value, dbus.Boolean):
        return bool(value)
    return next(t(value) for t in (int, float, str) if isinstance(value, t))


class Connection:
    """Made when something is asked, and anew when it broke. @connect returns one of python3-dbus."""

    SECONDS = 30  # for an answer

    def __init__(self, connect):
        self.connect, self.connection = connect, None

    def call(self, name, path, interface, method, signature="", *args):
        """Returns the list of what is answered."""
        try:
            answer = self.ask(name, path, interface, method, signature, args)
        except dbus.DBusException as e:
            raise Failure(f"{method}: {e.get_dbus_message()}") from None
        return [] if answer is None else [as_json(a) for a in (answer if isinstance(answer, tuple) else (answer,))]

    def connect_and_ask(self, *call):
        self.connection = self.connection or self.connect()
        return self.connection.call_blocking(*call, timeout=self.SECONDS)

    def ask(self, *call):
        try:
            return self.connect_and_ask(*call)
        except dbus.DBusException as e:
            if self.connection and self.connection.get_is_connected() and e.get_dbus_name() != GONE:
                raise
        self.connection = None
        return self.connect_and_ask(*call)  # once more, for a bus or a service that was restarted


class Bus(Connection):
    def __init__(self):
        super().__init__(lambda: dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SYSTEM))


class ProcessOne(Connection):
    """As systemctl asks it, whatever becomes of the bus."""

    SECONDS = 10  # it is asked again; a connection that was made while it began may stay without an answer

    def __init__(self):
        super().__init__(lambda: dbus.connection.Connection("unix:path=/run/systemd/private"))

    def unit_property(self, unit, name):
        """As 'systemctl show -P' prints it, but for spans of time, which are numbers."""
        path = "/org/freedesktop/systemd1/unit/" + "".join(c if c.isascii() and c.isalpha() or c.isdigit() and i else f"_{ord(c):02x}"
                                                           for i, c in enumerate(unit))
        kind = unit.rsplit(".", 1)[1].capitalize()
        for interface in (f"{SYSTEMD}.Unit", f"{SYSTEMD}.{kind}"):
            try:
                value = self.call(None, path, PROPERTIES, "Get", "ss", interface, name)[0]["data"]
            except Failure as e:
                failure = e
                continue
            return ("no", "yes")[value] if isinstance(value, bool) else str(value)
        raise failure
