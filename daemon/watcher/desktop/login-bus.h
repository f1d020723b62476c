/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

/* The bus of this user's login, by its usual place: for who has no word of it in the environment.
 */
int login_bus_open(sd_bus **ret);
