/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The functions of the commands; each has a file of its name. */

#include "tools/tmux-orc/command.h"

CommandResult command_baseline(Context *c);
CommandResult command_benchmark(Context *c);
CommandResult command_cache(Context *c);
CommandResult command_capacity(Context *c);
CommandResult command_classify(Context *c);
CommandResult command_config(Context *c);
CommandResult command_doctor(Context *c);
CommandResult command_explain(Context *c);
CommandResult command_ack(Context *c);
CommandResult command_alerts(Context *c);
CommandResult command_health(Context *c);
CommandResult command_help(Context *c);
CommandResult command_hook(Context *c);
CommandResult command_hooks(Context *c);
CommandResult command_list(Context *c);
CommandResult command_monitor(Context *c);
CommandResult command_next(Context *c);
CommandResult command_notices(Context *c);
CommandResult command_perf(Context *c);
CommandResult command_plugin(Context *c);
CommandResult command_register(Context *c);
CommandResult command_rollback(Context *c);
CommandResult command_switch_environment(Context *c);
CommandResult command_report(Context *c);
CommandResult command_screen(Context *c);
CommandResult command_send(Context *c);
CommandResult command_approve(Context *c);
CommandResult command_restart(Context *c);
CommandResult command_recover(Context *c);
CommandResult command_run(Context *c);
CommandResult command_deny(Context *c);
CommandResult command_show(Context *c);
CommandResult command_snooze(Context *c);
CommandResult command_status(Context *c);
CommandResult command_status_line(Context *c);
CommandResult command_top(Context *c);
CommandResult command_watch(Context *c);
