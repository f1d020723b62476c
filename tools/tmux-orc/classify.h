/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* tmux-orc classify: judges saved screens by the rules that the watcher uses. Needs no service. */
int classify_main(int argc, char **argv);
