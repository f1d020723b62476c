/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Doctor
 *
 * Each check looks at one thing and adds what it found: that it is well, that it may trouble
 * somebody, or that it is broken, with the command that mends it. A check never fails itself.
 */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"

typedef enum DoctorResult {
        DOCTOR_OK,
        DOCTOR_WARNING,
        DOCTOR_BROKEN,
} DoctorResult;

typedef struct Doctor {
        Context *c;
        json_object *findings; /* rows of "check", "result", "text", "mend" */
        json_object *sockets;  /* paths of tmux servers of ours that answer */
        bool out_of_memory;
        bool broken;
} Doctor;

/* @mend: a command for the shell, or NULL. */
void doctor_add(Doctor *d, const char *check, DoctorResult result, const char *mend,
                const char *format, ...) _printf_(5, 6);

/* doctor-machine.c */
void doctor_check_tmux(Doctor *d);
void doctor_check_servers(Doctor *d);
void doctor_check_runtime(Doctor *d);
void doctor_check_proc(Doctor *d);
void doctor_check_clock(Doctor *d);
/* doctor-service.c; in this order */
void doctor_check_bus(Doctor *d);
void doctor_check_service(Doctor *d);
void doctor_check_health(Doctor *d);
void doctor_check_watcher(Doctor *d);
/* doctor-files.c */
void doctor_check_rules(Doctor *d);
void doctor_check_config(Doctor *d);
