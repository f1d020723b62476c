/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where detector rules are looked for: the vendor's folder, the machine's, the user's; a file in a
 * later one replaces those of its name in earlier ones. The folders need not exist.
 */
int rule_folders(char ***ret);
