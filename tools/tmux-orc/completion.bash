# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of tmux-orc for bash. A test compares it with what 'tmux-orc help --json' says.
# shellcheck shell=bash

# Asks the service without a word when it cannot be reached, and never for long.
__tmux_orc_ask() {
        local -a where=()
        local word previous=''

        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case $word in
                --user | --system) where=("$word") ;;
                --host=*) where=("$word") ;;
                esac
                case $previous in
                --host | -H) where=(--host "$word") ;;
                esac
                previous=$word
        done
        timeout 2 "${COMP_WORDS[0]}" "${where[@]}" --quiet --no-pager "$@" 2>/dev/null </dev/null
}

# The values of one member of all rows.
__tmux_orc_members() {
        local member=$1
        shift
        __tmux_orc_ask --json "$@" | sed -n "s/^ *\"$member\": *\"\\([^\"]*\\)\",\\{0,1\\}\$/\\1/p"
}

__tmux_orc_values() {
        case $1 in
        agents) __tmux_orc_members id list ;;
        types) __tmux_orc_members type list | sort -u ;;
        strategies) __tmux_orc_ask --json monitor --list-strategies | sed -n 's/^ *"\([^"]*\)",\{0,1\}$/\1/p' ;;
        layers) __tmux_orc_members layer cache stats ;;
        plugins) __tmux_orc_members name plugin list ;;
        keys) __tmux_orc_members key config list ;;
        components) __tmux_orc_members component health ;;
        states) echo starting working idle waiting rate_limited error crashed exited unknown ;;
        agent-types) echo aider claude codex cursor gemini opencode shell ;;
        esac
}

__tmux_orc_options() {
        case $1 in
        status) echo --detailed --memory --emergency ;;
        list) echo --state --type --owner ;;
        screen) echo --lines ;;
        next) echo --all ;;
        send) echo --no-enter --command --token ;;
        approve | deny) echo --token ;;
        recover) echo --dry-run ;;
        run) echo --memory-max --memory-high --cpu-quota --tasks-max --name ;;
        top) echo --interval --count ;;
        watch) echo --count --state ;;
        status-line) echo --format ;;
        health) echo --critical ;;
        alerts) echo --history ;;
        monitor)
                echo --status --metrics --health-check --component-status --component-dependencies --restart-component \
                        --validate-state --fresh --emergency --max-memory --daemon \
                        --list-strategies --strategy --async --sync --rollout --persist --dry-run
                ;;
        config) echo --runtime --validate ;;
        plugin) echo --timeout --fresh --language --kind --wrap --execute --format ;;
        cache) echo --confirm --week ;;
        perf) echo --interval --duration --realtime --day --week --month ;;
        benchmark) echo --agents --compare --verbose ;;
        capacity) echo --month ;;
        switch-environment) echo --force ;;
        report) echo --day --week --month --detailed --format --all --due ;;
        classify) echo --agent --batch --explain --rules ;;
        register) echo --watch ;;
        hook) echo --strict ;;
        esac
}

# What can stand at the place of an operand; PLACE counts from 0.
__tmux_orc_operands() {
        local command=$1 place=$2 first=$3

        case $command:$place in
        show:0 | screen:0 | explain:0 | watch:0 | ack:0 | snooze:0 | send:0 | approve:0 | deny:0 | restart:0) __tmux_orc_values agents ;;
        health:0) __tmux_orc_values components ;;
        monitor:0) echo status reload start stop restart ;;
        config:0) echo get set reset list versions rollback recommend backup restore validate ;;
        plugin:0) echo list status info metrics execute validate reload enable disable warm scan new test docs ;;
        cache:0) echo stats analyze clear ;;
        perf:0) echo watch analyze report ;;
        baseline:0) echo show update ;;
        capacity:0) echo analyze ;;
        switch-environment:0 | rollback:0) echo blue green ;;
        hooks:0) echo install remove status ;;
        hook:0 | hooks:1) echo claude codex gemini opencode ;;
        help:0) echo "$__tmux_orc_commands" ;;
        config:1)
                case $first in
                get | set | reset) __tmux_orc_values keys ;;
                esac
                ;;
        plugin:1) [[ ! $first =~ ^(list|scan|new)$ ]] && __tmux_orc_values plugins ;;
        cache:1) [[ $first == clear ]] && __tmux_orc_values layers ;;
        esac
}

__tmux_orc_commands='
status
list
show
screen
explain
next
notices
ack
snooze
top
watch
status-line
send
approve
deny
restart
recover
run
health
alerts
monitor
plugin
config
switch-environment
rollback
cache
perf
benchmark
baseline
capacity
report
classify
doctor
register
hook
hooks
help
'
__tmux_orc_globals='--user --system --host --environment --json --quiet --no-pager --help --version'

_tmux_orc() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
        local command='' first='' word words='' skip='' place=0

        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                if [[ -n $skip ]]; then
                        skip=''
                        continue
                fi
                case $word in
                --host | -H | --environment | --state | --type | --owner | --lines | --count | --agents | --format | --strategy | --rollout | --agent | --rules | --timeout | --language | --kind | --wrap | --token | --interval | --duration | \
                        --restart-component | --max-memory | --memory-max | --memory-high | --cpu-quota | --tasks-max | --name)
                        skip=1
                        ;;
                -*) ;;
                *)
                        if [[ -z $command ]]; then
                                command=$word
                        else
                                [[ $place == 0 ]] && first=$word
                                place=$((place + 1))
                        fi
                        ;;
                esac
        done

        COMPREPLY=()
        case $previous in
        --state) words=$(__tmux_orc_values states) ;;
        --type) words=$(__tmux_orc_values types) ;;
        --agent) words=$(__tmux_orc_values agent-types) ;;
        --strategy) words=$(__tmux_orc_values strategies) ;;
        --restart-component) words=$(__tmux_orc_values components) ;;
        --format)
                words='tmux waybar plain'
                [[ $command == plugin ]] && words='markdown man'
                [[ $command == report ]] && words='text json markdown'
                ;;
        --language) words='c python' ;;
        --kind) words='tool notifier exporter strategy' ;;
        --wrap) words='text nagios' ;;
        --owner)
                mapfile -t COMPREPLY < <(compgen -u -- "$current")
                return
                ;;
        --rules)
                compopt -o dirnames 2>/dev/null
                return
                ;;
        --environment) words='blue green' ;;
        --host | -H)
                mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
                return
                ;;
        --lines | --count | --agents | --timeout | --token | --interval | --duration | --max-memory | --memory-max | --memory-high | --cpu-quota | --tasks-max | --name) return ;;
        *)
                if [[ $current == -* ]]; then
                        words="$(__tmux_orc_options "$command") $__tmux_orc_globals"
                elif [[ -z $command ]]; then
                        words=$__tmux_orc_commands
                elif [[ $command == run && $place == 0 ]]; then
                        mapfile -t COMPREPLY < <(compgen -c -- "$current")
                        return
                elif [[ $command == run || $command == classify || ($command == config && $first =~ ^(validate|backup|restore)$) ]]; then
                        compopt -o default 2>/dev/null
                        return
                else
                        words=$(__tmux_orc_operands "$command" "$place" "$first")
                fi
                ;;
        esac

        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _tmux_orc tmux-orc
