/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Recommendations
 *
 * Other settings than those that are, where figures of the running service speak for them: each row
 * has the key, the value now, the recommended one, and the figure it rests on.
 */

#include <json-c/json.h>

#include "tools/tmux-orc/command.h"

CommandResult config_recommend(Context *c);

/*
 * @service: the Manager's properties, named as JSON has them; @layers: rows of the cache's layers;
 * @settings: values by key. Pure. -ENOMEM.
 */
int recommend(json_object *service, json_object *layers, json_object *settings, json_object **ret);
