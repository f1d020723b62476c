/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/crew.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

bool crew_reaches(const char *agent_id, double share) {
        /* 2^53 numbers are exact in a double. */
        uint64_t place = XXH3_64bits(agent_id, strlen(agent_id)) >> 11;

        return (double)place < share * (double)(1ULL << 53);
}

const char *crew_class_strategy(const Crew *crew, size_t i) {
        const char *equals =
                        crew->classes && crew->classes[i] ? strchr(crew->classes[i], '=') : NULL;

        return equals ? equals + 1 : NULL;
}

static bool fits(const char *class, const char *word) {
        size_t n = strlen(word);

        return strncmp(class, word, n) == 0 && class[n] == '=';
}

static const char *strategy_wanted(const Crew *crew, const Agent *a) {
        for (size_t i = 0; crew_class_strategy(crew, i); i++)
                if (fits(crew->classes[i], a->last.type) ||
                                fits(crew->classes[i], agent_state_to_string(a->last.state)))
                        return crew_class_strategy(crew, i);
        return crew->strategy;
}

const char *crew_strategy_of(const Crew *crew, const Agent *a) {
        return crew_reaches(a->id, crew->rollout) ? strategy_wanted(crew, a) : CREW_POLLING;
}
