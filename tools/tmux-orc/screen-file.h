/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Saved screens
 *
 * Reads what classify is given: plain text, or a JSON object with what a monitor saw. Bounded, and
 * precise about what is wrong.
 */

#include <json-c/json.h>

#include "daemon/watcher/detect/observation.h"

#define SCREEN_FILE_MAX (4U * 1024U * 1024U)

typedef struct ScreenFile {
        Observation observation; /* borrows from the rest */
        json_object *object;
        char **processes;
} ScreenFile;

/*
 * Reads one JSON object. Returns -EBADMSG with a reason in *@reterr, which is constant. @text need
 * not live on.
 */
int screen_file_read_json(const char *text, size_t n, ScreenFile *ret, const char **reterr);
/* @text is borrowed. */
void screen_file_read_plain(const char *text, size_t n, ScreenFile *ret);
void screen_file_done(ScreenFile *f);
