/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/commands.h"

#define AGENTS "Agents"
#define ACTING "Acting"
#define SERVICE "The service"
#define SETUP "Setting up"
#define OPERANDS_ANY 100000U

/* The whole command line. A new command is a row, a file, and a line in tmux-orc(1). */
const Command commands[] = {
                {"status", AGENTS, "", NULL, "Show how things stand",
                                "Exits with 1 if the service says red, and with --emergency if "
                                "anything is broken.",
                                {{"--detailed", NULL, "Servers, components and agents as well"},
                                                {"--memory", NULL, "Where memory and disk go"},
                                                {"--emergency", NULL, "Only what is broken"}},
                                0, 0, command_status},
                {"list", AGENTS, "", NULL, "List the agents", NULL,
                                {{"--state", "STATE", "Only those in this state"},
                                                {"--type", "TYPE", "Only those of this type"},
                                                {"--owner", "USER", "Only those of this user"}},
                                0, 0, command_list},
                {"show", AGENTS, "AGENT", NULL, "Show all that is known of an agent", NULL, {}, 1,
                                1, command_show},
                {"screen", AGENTS, "AGENT", NULL, "Print the agent's screen as it is now", NULL,
                                {{"--lines", "N", "Only the last N lines"}}, 1, 1, command_screen},
                {"explain", AGENTS, "AGENT", NULL, "Say why an agent is thought to be in its state",
                                NULL, {}, 1, 1, command_explain},
                {"next", AGENTS, "", NULL, "Show the agent that needs a human most",
                                "Waiting ones first, the longest first; then errors, crashes and "
                                "usage limits.",
                                {{"--all", NULL, "Agents of other users as well"}}, 0, 0,
                                command_next},
                {"notices", AGENTS, "", NULL, "Show what people are told of", NULL, {}, 0, 0,
                                command_notices},
                {"ack", AGENTS, "AGENT", NULL, "Say that you know what an agent needs", NULL, {}, 1,
                                1, command_ack},
                {"snooze", AGENTS, "AGENT TIME", NULL, "Be told later of what an agent needs",
                                "TIME is seconds, or a number with s, m, h or d: 90, 10m, 2h.", {},
                                2, 2, command_snooze},
                {"top", AGENTS, "", NULL, "Show the agents as they are, all the time",
                                "Those that need a human come first. 'q' leaves it, any other key "
                                "looks at once.",
                                {{"--interval", "SECONDS",
                                                 "Look that often, 2 unless you say "
                                                 "otherwise"},
                                                {"--count", "N", "End after N looks"}},
                                0, 0, command_top},
                {"watch", AGENTS, "[AGENT]", NULL, "Print changes as they happen", NULL,
                                {{"--count", "N", "End after N changes"},
                                                {"--state", "STATE", "Only changes to this state"}},
                                0, 1, command_watch},
                {"status-line", AGENTS, "", NULL, "Print one short line for a status bar", NULL,
                                {{"--format", "FORMAT", "tmux, waybar or plain"}}, 0, 0,
                                command_status_line},

                {"send", ACTING, "AGENT TEXT", NULL, "Give an agent a message",
                                "It is typed only where it is safe: not over a draft, into a "
                                "dialog, or to an agent that works.\nTEXT is read from standard "
                                "input if it is '-'.",
                                {{"--no-enter", NULL, "Type it, but do not submit it"},
                                                {"--command", NULL,
                                                                "It may begin with '/' or '!', as "
                                                                "commands of the agent do"},
                                                {"--token", "TOKEN",
                                                                "Only if the screen still is the "
                                                                "one of this token"}},
                                2, 2, command_send},
                {"approve", ACTING, "AGENT", NULL, "Say yes to what an agent asks",
                                "Only where the question is one of permission, and its first "
                                "answer is yes.",
                                {{"--token", "TOKEN",
                                                "Only if the screen still is the one of this "
                                                "token"}},
                                1, 1, command_approve},
                {"deny", ACTING, "AGENT", NULL, "Say no to what an agent asks", NULL,
                                {{"--token", "TOKEN",
                                                "Only if the screen still is the one of this "
                                                "token"}},
                                1, 1, command_deny},
                {"restart", ACTING, "AGENT", NULL, "Bring back an agent that ended",
                                "With the command that goes on with its conversation, in the "
                                "shell that it ran in.",
                                {}, 1, 1, command_restart},
                {"recover", ACTING, "[SOCKET]", NULL,
                                "Bring back your agents that a tmux server's death took along",
                                "Each in a window of the name and in the folder that it had, with "
                                "the command that goes on with its conversation.",
                                {{"--dry-run", NULL, "Only print what would be started"}}, 0, 1,
                                command_recover},
                {"run", ACTING, "COMMAND [ARGUMENT...]", NULL,
                                "Run a command in a scope of its own",
                                "So its memory is told from that of others, and limits hold for "
                                "it alone. Asks the systemd of the user, or\nwith --system that of "
                                "the system. SIZE is bytes, or a number with K, M, G or T.",
                                {{"--memory-max", "SIZE", "More memory than this it never gets"},
                                                {"--memory-high", "SIZE",
                                                                "Above this it is slowed down"},
                                                {"--cpu-quota", "PERCENT",
                                                                "CPU time, of one core: 150 is one "
                                                                "and a half"},
                                                {"--tasks-max", "N",
                                                                "So many processes and threads"},
                                                {"--name", "NAME",
                                                                "Part of the scope's name, instead "
                                                                "of the command's"}},
                                1, OPERANDS_ANY, command_run, true},

                {"health", SERVICE, "[COMPONENT]", NULL, "Show how the service's parts do",
                                "Exits with 1 unless all that is shown is green.",
                                {{"--critical", NULL, "Only parts that are red"}}, 0, 1,
                                command_health},
                {"alerts", SERVICE, "", NULL, "Show what is alarming",
                                "Exits with 1 if one of them is critical.",
                                {{"--history", NULL,
                                                "Those that are over as well, the last one "
                                                "first"}},
                                0, 0, command_alerts},
                {"monitor", SERVICE, "[status|reload|start|stop|restart]",
                                "status reload start stop restart",
                                "Show or change how agents are watched",
                                "start, stop and restart ask systemd: that of the user with "
                                "--user, "
                                "that of the system with --system.",
                                {{"--status", NULL, "The same as 'status'"},
                                                {"--metrics", NULL,
                                                                "Print all numbers; buckets with "
                                                                "--json"},
                                                {"--health-check", NULL,
                                                                "Check all components now; exit "
                                                                "with 1 unless all are green"},
                                                {"--component-status", NULL,
                                                                "Show the components, with how "
                                                                "often they began anew"},
                                                {"--component-dependencies", NULL,
                                                                "Show what rests on what, as a "
                                                                "tree"},
                                                {"--restart-component", "NAME",
                                                                "Have one component begin anew"},
                                                {"--validate-state", NULL,
                                                                "Check what the service keeps on "
                                                                "disk"},
                                                {"--fresh", NULL,
                                                                "start, restart: forget what is "
                                                                "known of agents"},
                                                {"--emergency", NULL,
                                                                "restart: kill it first, whatever "
                                                                "it does"},
                                                {"--max-memory", "SIZE",
                                                                "start, restart: until the next "
                                                                "boot it may use no more, such as "
                                                                "256M"},
                                                {"--environment", "NAME",
                                                                "start, stop, restart: the "
                                                                "instance "
                                                                "of that name, such as green"},
                                                {"--daemon", NULL, "The same as 'start'"},
                                                {"--list-strategies", NULL, "Name the strategies"},
                                                {"--strategy", "NAME", "Use this strategy"},
                                                {"--async", NULL, "Use event_driven"},
                                                {"--sync", NULL, "Use polling"},
                                                {"--rollout", "SHARE",
                                                                "Only for this share of the "
                                                                "agents, 0 to 1"},
                                                {"--persist", NULL,
                                                                "Also when the service starts "
                                                                "again"},
                                                {"--dry-run", NULL,
                                                                "Look at everything once, now, and "
                                                                "print what is there"}},
                                0, 1, command_monitor},
                {"plugin", SERVICE,
                                "list | status [NAME] | info NAME | metrics [NAME] | execute NAME "
                                "[JSON] | validate NAME | reload NAME | enable NAME | disable NAME "
                                "| warm NAME | scan | new NAME [COMMAND...] | test NAME | docs "
                                "NAME",
                                "list status info metrics execute validate reload enable disable "
                                "warm scan new test docs",
                                "Show, execute, manage or write plugins",
                                "JSON is the input, {} if it is left out. 'validate', 'test' and "
                                "'docs' take a folder as well: ./NAME, or any other with a "
                                "slash.",
                                {{"--timeout", "SECONDS",
                                                 "execute: wait so long instead of the plugin's "
                                                 "own time"},
                                                {"--fresh", NULL,
                                                                "execute: no remembered answer "
                                                                "will do"},
                                                {"--language", "LANGUAGE",
                                                                "new: write it in 'c' or 'python'"},
                                                {"--kind", "KIND",
                                                                "new: make it a tool, notifier, "
                                                                "exporter or strategy"},
                                                {"--wrap", "HOW",
                                                                "new: make COMMAND a plugin: as "
                                                                "'text', or as 'nagios' check"},
                                                {"--execute", NULL,
                                                                "test: also call what others "
                                                                "would notice"},
                                                {"--format", "FORMAT", "docs: markdown or man"}},
                                1, 64, command_plugin},
                {"config", SERVICE,
                                "get KEY | set KEY VALUE | reset KEY | list | versions | rollback "
                                "[VERSION] | recommend | backup FILE | restore FILE | validate "
                                "[FILE]",
                                "get set reset list versions rollback recommend backup restore "
                                "validate",
                                "Show or change the settings, or check a file",
                                "What is set holds at once, and after a restart too unless "
                                "--runtime is given. 'rollback' takes the last change back; twice\n"
                                "makes it again.",
                                {{"--runtime", NULL, "Only until the service ends"},
                                                {"--validate", NULL, "The same as 'validate'"}},
                                0, 3, command_config},
                {"switch-environment", SERVICE, "NAME", NULL,
                                "Give the service's name to another instance",
                                "Such as green: 'systemctl start tmux-orchestrator@green' starts "
                                "it beside the one that runs. It must be healthy and see every\n"
                                "agent as that one does. No change of an agent is missed.",
                                {{"--force", NULL, "Do not compare first"}}, 1, 1,
                                command_switch_environment},
                {"rollback", SERVICE, "[NAME]", NULL,
                                "Give the service's name back to the instance before",
                                "At once: nothing is compared.", {}, 0, 1, command_rollback},
                {"cache", SERVICE, "stats | analyze | clear [LAYER]", "stats analyze clear",
                                "Show or clear the service's caches", NULL,
                                {{"--confirm", NULL, "Really clear"},
                                                {"--week", NULL, "Analyze the last 7 days"}},
                                1, 2, command_cache},
                {"perf", SERVICE, "watch | analyze | report", "watch analyze report",
                                "Show how fast the service is and what it costs", NULL,
                                {{"--interval", "SECONDS", "Time between two lines of watch"},
                                                {"--duration", "SECONDS",
                                                                "End watch after that time"},
                                                {"--realtime", NULL,
                                                                "Analyze the next five seconds"},
                                                {"--day", NULL, "Of the last 24 hours"},
                                                {"--week", NULL, "Of the last 7 days"},
                                                {"--month", NULL, "Of the last 30 days"}},
                                1, 1, command_perf},
                {"benchmark", SERVICE, "", NULL,
                                "Measure what looking at panes costs on this machine",
                                "In a tmux server of its own, which nobody else notices, for about "
                                "ten seconds. With --quiet it prints seconds: how\nlong a look at "
                                "all panes takes in the middle.",
                                {{"--agents", "N", "So many panes, 50 unless you say otherwise"},
                                                {"--compare", NULL,
                                                                "And what a tmux for each pane "
                                                                "costs, as most monitors do it"},
                                                {"--verbose", NULL,
                                                                "Also looks that have to ask the "
                                                                "server"}},
                                0, 0, command_benchmark},
                {"baseline", SERVICE, "show | update", "show update",
                                "Show or set what performance is compared with", NULL, {}, 1, 1,
                                command_baseline},
                {"capacity", SERVICE, "analyze", "analyze",
                                "Say whether the machine has room for more agents",
                                "Of the last 7 days.", {{"--month", NULL, "Of the last 30 days"}},
                                1, 1, command_capacity},

                {"report", SERVICE, "", NULL, "Say what agents did and how the service was",
                                "Of the last 24 hours unless you say otherwise. Your agents; all "
                                "where you may see them: root, or the service of the user.",
                                {{"--day", NULL, "Of the last 24 hours"},
                                                {"--week", NULL, "Of the last 7 days"},
                                                {"--month", NULL, "Of the last 30 days"},
                                                {"--detailed", NULL,
                                                                "Every agent, component and cache "
                                                                "as well"},
                                                {"--format", "FORMAT", "text, json or markdown"},
                                                {"--all", NULL, "Agents of other users as well"},
                                                {"--due", NULL,
                                                                "The day's; on Mondays the week's, "
                                                                "on the first the month's too"}},
                                0, 0, command_report},

                {"classify", SETUP, "[FILE]", NULL, "Say which agent a saved screen shows",
                                "FILE is text as 'tmux capture-pane -p' prints it, or a JSON "
                                "object with 'screen' and what else was seen: pane_title,\n"
                                "pane_current_command, process_tree, alternate_on, pane_in_mode, "
                                "pane_dead, pane_dead_status, agent. The output is JSON.",
                                {{"--agent", "TYPE", "The agent is known to be this one"},
                                                {"--batch", NULL,
                                                                "One JSON object per line in, one "
                                                                "per line out"},
                                                {"--explain", NULL, "Print the evidence too"},
                                                {"--rules", "FOLDER",
                                                                "Rules that replace others of "
                                                                "their "
                                                                "name"}},
                                0, 1, command_classify},
                {"doctor", SETUP, "", NULL, "Find what is missing, and say how to mend it",
                                "Exits with 1 if something is broken.", {}, 0, 0, command_doctor},
                {"register", SETUP, "", NULL, "Have the service watch your tmux servers",
                                "Starts a watcher for you unless there is one. For tmux.conf: "
                                "run-shell -b 'tmux-orc --quiet register'",
                                {{"--watch", NULL, "Be the watcher, until it ends"}}, 0, 0,
                                command_register},
                {"hook", SETUP, "AGENT-TYPE [EVENT] [JSON]", NULL,
                                "Tell the service what an agent's hook was called for",
                                "For the agents' own settings ('tmux-orc hooks install'). JSON is "
                                "read from standard input unless it is an argument;\nof it only "
                                "the kind of the event and the conversation's id are told. Never "
                                "fails and never takes longer than\n0.1 s, so that no agent is "
                                "disturbed.",
                                {{"--strict", NULL, "Take your time, and tell what goes wrong"}}, 1,
                                3, command_hook},
                {"hooks", SETUP, "install AGENT-TYPE | remove AGENT-TYPE | status [AGENT-TYPE]",
                                "install remove status",
                                "Have agents tell of themselves by their hooks",
                                "Adds to the settings of claude, codex, gemini or opencode in "
                                "your home. A copy is kept beside the file; remove\nbrings it back "
                                "byte for byte, unless somebody changed the file since: then only "
                                "our entries go.",
                                {}, 1, 2, command_hooks},
                {"help", SETUP, "[COMMAND]", NULL, "Say what the commands do", NULL, {}, 0, 1,
                                command_help},
                {},
};
