/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names on the bus. They are API: see docs/dbus.md. */

#define BUS_NAME "org.tmuxorc.Monitor1"
#define BUS_ROOT "/org/tmuxorc/Monitor1"
/* Every instance has a name of its own besides, and this one where none is named. */
#define BUS_INSTANCE_MAIN "blue"
#define BUS_INSTANCE_NAME_MAX 64U

#define BUS_LOG_CONTROL "/org/freedesktop/LogControl1"
#define BUS_INTERFACE_LOG_CONTROL "org.freedesktop.LogControl1"
#define BUS_INTERFACE_MANAGER "org.tmuxorc.Monitor1.Manager"
#define BUS_INTERFACE_AGENT "org.tmuxorc.Monitor1.Agent"
#define BUS_INTERFACE_SERVER "org.tmuxorc.Monitor1.Server"
#define BUS_INTERFACE_COMPONENT "org.tmuxorc.Monitor1.Component"
#define BUS_INTERFACE_PLUGIN "org.tmuxorc.Monitor1.Plugin"
#define BUS_INTERFACE_ALERT "org.tmuxorc.Monitor1.Alert"

#define BUS_PREFIX_AGENT BUS_ROOT "/agent"
#define BUS_PREFIX_SERVER BUS_ROOT "/server"
#define BUS_PREFIX_COMPONENT BUS_ROOT "/component"
#define BUS_PREFIX_PLUGIN BUS_ROOT "/plugin"
#define BUS_PREFIX_ALERT BUS_ROOT "/alert"

#define BUS_ERROR_NO_SUCH_AGENT "org.tmuxorc.Monitor1.Error.NoSuchAgent"
#define BUS_ERROR_NO_SUCH_COMPONENT "org.tmuxorc.Monitor1.Error.NoSuchComponent"
#define BUS_ERROR_NO_SUCH_STRATEGY "org.tmuxorc.Monitor1.Error.NoSuchStrategy"
#define BUS_ERROR_NO_SUCH_PLUGIN "org.tmuxorc.Monitor1.Error.NoSuchPlugin"
#define BUS_ERROR_INVALID_PLUGIN "org.tmuxorc.Monitor1.Error.InvalidPlugin"
#define BUS_ERROR_PLUGIN_FAILED "org.tmuxorc.Monitor1.Error.PluginFailed"
#define BUS_ERROR_RATE_LIMITED "org.tmuxorc.Monitor1.Error.RateLimited"
#define BUS_ERROR_BUSY "org.tmuxorc.Monitor1.Error.Busy"
#define BUS_ERROR_AGENT_GONE "org.tmuxorc.Monitor1.Error.AgentGone"
#define BUS_ERROR_OWNER_REFUSES "org.tmuxorc.Monitor1.Error.OwnerRefuses"
#define BUS_ERROR_STALE "org.tmuxorc.Monitor1.Error.Stale"
#define BUS_ERROR_NO_NOTICE "org.tmuxorc.Monitor1.Error.NoNotice"
#define BUS_ERROR_NO_DIALOG "org.tmuxorc.Monitor1.Error.NoDialog"
#define BUS_ERROR_NOT_VERIFIED "org.tmuxorc.Monitor1.Error.NotVerified"
#define BUS_ERROR_DISABLED "org.tmuxorc.Monitor1.Error.Disabled"
#define BUS_ERROR_STATE_DAMAGED "org.tmuxorc.Monitor1.Error.StateDamaged"
#define BUS_ERROR_NO_SUCH_SETTING "org.tmuxorc.Monitor1.Error.NoSuchSetting"
#define BUS_ERROR_AMBIGUOUS "org.tmuxorc.Monitor1.Error.Ambiguous"
#define BUS_ERROR_INVALID_ARGUMENT "org.tmuxorc.Monitor1.Error.InvalidArgument"
#define BUS_ERROR_INVALID_CONFIG "org.tmuxorc.Monitor1.Error.InvalidConfig"
#define BUS_ERROR_INVALID_INPUT "org.tmuxorc.Monitor1.Error.InvalidInput"
#define BUS_ERROR_TIMEOUT "org.tmuxorc.Monitor1.Error.Timeout"
#define BUS_ERROR_NOT_WATCHED "org.tmuxorc.Monitor1.Error.NotWatched"
#define BUS_ERROR_WATCHER_FAILED "org.tmuxorc.Monitor1.Error.WatcherFailed"
