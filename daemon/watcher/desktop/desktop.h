/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Desktop
 *
 * Notices on the desktop of the watcher's user, by org.freedesktop.Notifications on the session
 * bus: shown, taken back, and which button was pressed. It connects when there is something to
 * show, and is content where there is neither a bus nor a desktop. Knows nothing of agents.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

#define DESKTOP_NOTICES_MAX 64U
#define DESKTOP_BUTTONS_MAX 6U

typedef struct Desktop Desktop;

/* Borrowed. @buttons are pairs of a word and what is written on it, ended by NULL. */
typedef struct DesktopNotice {
        const char *id;
        const char *summary;
        const char *body;
        bool critical;
        const char *buttons[DESKTOP_BUTTONS_MAX * 2 + 1];
} DesktopNotice;

/* @button is one of the words; "default" if the notice itself was clicked. */
typedef void (*DesktopPressed)(void *userdata, const char *id, const char *button);

int desktop_new(sd_event *event, DesktopPressed pressed, void *userdata, Desktop **ret);
Desktop *desktop_free(Desktop *desktop);
DEFINE_CLEANUP(Desktop *, desktop_free)

/* In the place of one of the same id. -ENOTCONN: there is no session bus; -ENOBUFS: too many. That
 * nobody on the bus shows notices is found out later, and no error. */
int desktop_show(Desktop *desktop, const DesktopNotice *notice);
void desktop_close(Desktop *desktop, const char *id);
