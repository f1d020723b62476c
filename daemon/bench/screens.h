/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Screens full of what agents print: colours, boxes, marks outside ASCII; about 5 kB each. */

#include <stdio.h>

/* So many that differ. */
#define SCREENS 8U

/* With "@" for a number that grows. */
extern const char screens_spinner[];

void screens_write(FILE *f, unsigned seed, unsigned lines);
