/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where the vendor's data files are: $TMUX_ORC_DATADIR, else beside the running program
 * (../share/tmux-orchestrator, or one folder higher for programs in libexec), else where meson
 * installs them. The first that exists. Returns -ENOMEM.
 */
int data_dir_find(char **ret);
