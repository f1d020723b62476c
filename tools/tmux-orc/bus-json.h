/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * D-Bus messages as JSON
 *
 * Whatever a message holds becomes a JSON value: structs and arrays are arrays, dictionaries are
 * objects. Names of properties become names as JSON has them. Pure: it opens nothing.
 */

#include <json-c/json.h>
#include <systemd/sd-bus.h>

/*
 * All that is left in @m: the value if it is one, else an array of them, JSON null if there is
 * none. -EBADMSG if it is nested too deep or holds what has no JSON (a file descriptor).
 */
int bus_json_from_message(sd_bus_message *m, json_object **ret);

/* "StateSince" is "state_since", "OwnerUID" "owner_uid", "LastCycleUSec" "last_cycle_usec". */
char *bus_json_name(const char *property);
/* The same object with such names. */
int bus_json_rename(json_object *properties, json_object **ret);

/* An array of arrays as one of objects; @names by blanks, "" and what is too much is left out. */
int bus_json_name_tuples(json_object *tuples, const char *names, json_object **ret);
