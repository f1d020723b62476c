/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the history's file holds
 *
 * Names of all kinds are kept once, states and types among them, so that no number of ours gets
 * into a file. Times are microseconds since 1970 in episodes, and seconds in samples.
 *
 * An episode is what an agent was in from one moment to another. One that goes on has no end; one
 * of which we do not know whether it goes on, for we were not there, has minus the time at which it
 * was last known to. An agent has one of these two at most.
 *
 * A sample is a number within a span that begins at its time: how often it was seen, the sum, the
 * least and the largest. Of counters the sum is what was added. Spans become longer with age.
 */

#define HISTORY_SCHEMA_VERSION 1
#define HISTORY_EPISODE_IS_OPEN "(until IS NULL OR until < 0)"

#define HISTORY_SAMPLES(level) \
        "CREATE TABLE IF NOT EXISTS sample_" level "(" \
        "  time INTEGER NOT NULL, series INTEGER NOT NULL, n INTEGER NOT NULL," \
        "  sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL," \
        "  PRIMARY KEY (time, series)) WITHOUT ROWID;"

#define history_schema \
        "BEGIN IMMEDIATE;" \
        "CREATE TABLE IF NOT EXISTS name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);" \
        "CREATE TABLE IF NOT EXISTS episode(" \
        "  id INTEGER PRIMARY KEY, agent INTEGER NOT NULL, type INTEGER NOT NULL," \
        "  uid INTEGER NOT NULL, state INTEGER NOT NULL, attention INTEGER NOT NULL," \
        "  rule INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER);" \
        "CREATE INDEX IF NOT EXISTS episode_until ON episode(until);" \
        "CREATE INDEX IF NOT EXISTS episode_open ON episode(agent)" \
        "  WHERE " HISTORY_EPISODE_IS_OPEN \
        ";" HISTORY_SAMPLES("raw") HISTORY_SAMPLES("minute") HISTORY_SAMPLES("hour") \
                        HISTORY_SAMPLES("day") "CREATE TABLE IF NOT EXISTS mark(" \
                                               "  key TEXT PRIMARY KEY, value INTEGER NOT NULL) " \
                                               "WITHOUT ROWID;" \
                                               "CREATE TABLE IF NOT EXISTS baseline(" \
                                               "  id INTEGER PRIMARY KEY, time INTEGER NOT NULL, " \
                                               "report TEXT NOT NULL);" \
                                               "PRAGMA user_version = 1;" \
                                               "COMMIT;"
