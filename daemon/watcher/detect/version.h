/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Compares dotted numbers as programs version themselves: below 0, 0, or above 0. What is missing
 * is 0; what follows the numbers, such as "-beta", is not looked at.
 */
int version_compare(const char *a, const char *b);
