/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Kinds of events in the journal
 *
 * One id for each; what it means is in the catalog (daemon/tmux-orchestrator.catalog). They are
 * API: an id never changes its meaning.
 */

#define MESSAGE_SERVICE_STARTED "3bcf11fbc296599f43526fb742e19d09"
#define MESSAGE_SERVICE_STOPPED "889c9b8591389b0f30b5fd0545be14ea"
#define MESSAGE_AGENT_FOUND "20586e7fd451879f08a0865799cefb94"
#define MESSAGE_AGENT_GONE "a5549f1c166f9bc0e0a29bc749fd1879"
#define MESSAGE_AGENT_STATE_CHANGED "37d739dcdcfec652a81015dd04fad450"
#define MESSAGE_SERVER_DIED "1f5bc4cf54db50172a8e227ee0ce62b3"
#define MESSAGE_SERVER_HUNG "5cc069db24d48425e3186f143065ec0a"
#define MESSAGE_SERVER_BACK "03a159e77e9df91daf4848c294c86db6"
#define MESSAGE_CONFIG_RELOADED "957588373b0e089be3410e1dd8fbbaf5"
#define MESSAGE_CONFIG_REFUSED "a4b73184b7cd5753c2d6f8db028ba0fa"
#define MESSAGE_WATCHER_CONNECTED "644029ebc2f4f5e452d3d0e03e76df75"
#define MESSAGE_WATCHER_LOST "0ada0d3a3dec8b209105bda7688dd797"
#define MESSAGE_BUS_LOST "17f8efdb708945a943ce162b292fc111"
#define MESSAGE_BUS_BACK "3fb1202ac55470c8340fa2a62e507cd1"
#define MESSAGE_BUS_REFUSED "6be7be4653a5f93ed4378b726cfc4bd3"
