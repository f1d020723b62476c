/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/histogram.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/base/json.h"

/* Values below 2^PRECISION_BITS have a bucket each, every octave above so many buckets. */
#define PRECISION_BITS 5U
#define BUCKETS_PER_OCTAVE (1U << PRECISION_BITS)
#define VALUE_BITS 40U
#define N_BUCKETS ((VALUE_BITS - PRECISION_BITS + 1) * BUCKETS_PER_OCTAVE)

static_assert(HISTOGRAM_VALUE_MAX == UINT64_C(1) << VALUE_BITS, "the buckets end elsewhere");

typedef struct Bound {
        uint64_t value;
        uint64_t count; /* of values between the bound before and this one */
} Bound;

struct Histogram {
        uint64_t count;
        uint64_t sum;
        uint64_t min, max; /* of nothing while count is 0 */
        uint64_t buckets[N_BUCKETS];
        size_t n_bounds;
        Bound bounds[];
};

static unsigned bucket_of(uint64_t value) {
        unsigned shift;

        if (value < BUCKETS_PER_OCTAVE)
                return (unsigned)value;
        if (value >= HISTOGRAM_VALUE_MAX)
                return N_BUCKETS - 1;

        shift = 63U - (unsigned)__builtin_clzll(value) - PRECISION_BITS;
        return shift * BUCKETS_PER_OCTAVE + (unsigned)(value >> shift);
}

/* The middle of what the bucket holds. */
static uint64_t bucket_value(unsigned bucket) {
        unsigned shift;
        uint64_t lowest;

        if (bucket < 2 * BUCKETS_PER_OCTAVE)
                return bucket;

        shift = bucket / BUCKETS_PER_OCTAVE - 1;
        lowest = (uint64_t)(bucket - shift * BUCKETS_PER_OCTAVE) << shift;
        return lowest + (((UINT64_C(1) << shift) - 1) >> 1);
}

static uint64_t add_saturating(uint64_t a, uint64_t b) {
        return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

int histogram_new(const uint64_t *bounds, size_t n_bounds, Histogram **ret) {
        Histogram *h;

        assert(bounds || n_bounds == 0);
        assert(ret);

        if (n_bounds > HISTOGRAM_BOUNDS_MAX)
                return -EINVAL;
        for (size_t i = 1; i < n_bounds; i++)
                if (bounds[i] <= bounds[i - 1])
                        return -EINVAL;

        h = calloc(1, sizeof(*h) + n_bounds * sizeof(Bound));
        if (!h)
                return -ENOMEM;

        h->n_bounds = n_bounds;
        for (size_t i = 0; i < n_bounds; i++)
                h->bounds[i].value = bounds[i];

        *ret = h;
        return 0;
}

Histogram *histogram_free(Histogram *h) {
        free(h);
        return NULL;
}

/* The first bound that is not below @value; NULL above the last. */
static Bound *bound_for(Histogram *h, uint64_t value) {
        for (size_t i = 0; i < h->n_bounds; i++)
                if (value <= h->bounds[i].value)
                        return &h->bounds[i];
        return NULL;
}

void histogram_add(Histogram *h, uint64_t value) {
        Bound *bound;

        assert(h);

        h->min = h->count == 0 ? value : MIN(h->min, value);
        h->max = MAX(h->max, value);
        h->count++;
        h->sum = add_saturating(h->sum, value);
        h->buckets[bucket_of(value)]++;

        bound = bound_for(h, value);
        if (bound)
                bound->count++;
}

static bool same_bounds(const Histogram *a, const Histogram *b) {
        if (a->n_bounds != b->n_bounds)
                return false;
        for (size_t i = 0; i < a->n_bounds; i++)
                if (a->bounds[i].value != b->bounds[i].value)
                        return false;
        return true;
}

int histogram_merge(Histogram *h, const Histogram *from) {
        assert(h && from);

        if (!same_bounds(h, from))
                return -EINVAL;
        if (from->count == 0)
                return 0;

        h->min = h->count == 0 ? from->min : MIN(h->min, from->min);
        h->max = MAX(h->max, from->max);
        h->count += from->count;
        h->sum = add_saturating(h->sum, from->sum);
        for (size_t i = 0; i < N_BUCKETS; i++)
                h->buckets[i] += from->buckets[i];
        for (size_t i = 0; i < h->n_bounds; i++)
                h->bounds[i].count += from->bounds[i].count;
        return 0;
}

void histogram_reset(Histogram *h) {
        assert(h);

        h->count = h->sum = h->min = h->max = 0;
        memset(h->buckets, 0, sizeof(h->buckets));
        for (size_t i = 0; i < h->n_bounds; i++)
                h->bounds[i].count = 0;
}

uint64_t histogram_count(const Histogram *h) {
        assert(h);
        return h->count;
}

uint64_t histogram_sum(const Histogram *h) {
        assert(h);
        return h->sum;
}

uint64_t histogram_min(const Histogram *h) {
        assert(h);
        return h->min;
}

uint64_t histogram_max(const Histogram *h) {
        assert(h);
        return h->max;
}

/* How many values there must be up to and with the one that is meant; from 1 to count. */
static uint64_t rank_of(const Histogram *h, double percent) {
        double exact = (double)h->count * percent / 100;
        uint64_t rank;

        if (!(exact > 0))
                return 1;
        if (exact >= (double)h->count)
                return h->count;

        rank = (uint64_t)exact;
        return (double)rank < exact ? rank + 1 : rank;
}

uint64_t histogram_percentile(const Histogram *h, double percent) {
        uint64_t rank, value, seen = 0;
        unsigned i = 0;

        assert(h);

        if (h->count == 0)
                return 0;

        rank = rank_of(h, percent);
        if (rank == h->count)
                return h->max;
        while (i < N_BUCKETS - 1 && (seen += h->buckets[i]) < rank)
                i++;
        value = MIN(h->max, bucket_value(i));
        return MAX(h->min, value);
}

size_t histogram_n_bounds(const Histogram *h) {
        assert(h);
        return h->n_bounds;
}

uint64_t histogram_bound(const Histogram *h, size_t i) {
        assert(h && i < h->n_bounds);
        return h->bounds[i].value;
}

uint64_t histogram_count_at_bound(const Histogram *h, size_t i) {
        uint64_t n = 0;

        assert(h && i < h->n_bounds);

        for (size_t k = 0; k <= i; k++)
                n += h->bounds[k].count;
        return n;
}

/* Pairs: the place and what it has. Empty ones are left out. */
static int append_pair(json_object *list, uint64_t place, uint64_t count) {
        json_object *pair;
        int r;

        if (count == 0)
                return 0;
        pair = json_object_new_array_ext(2);
        r = json_append(list, pair);
        if (r >= 0)
                r = json_append(pair, json_object_new_uint64(place));
        return r < 0 ? r : json_append(pair, json_object_new_uint64(count));
}

static int save_counts(const Histogram *h, json_object *o) {
        json_object *buckets = json_object_new_array(), *bounds = json_object_new_array();
        int r = json_set(o, "buckets", buckets), r_bounds = json_set(o, "bounds", bounds);

        r = r < 0 ? r : r_bounds;
        for (size_t i = 0; r >= 0 && i < N_BUCKETS; i++)
                r = append_pair(buckets, i, h->buckets[i]);
        for (size_t i = 0; r >= 0 && i < h->n_bounds; i++)
                r = append_pair(bounds, h->bounds[i].value, h->bounds[i].count);
        return r;
}

int histogram_save(const Histogram *h, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        assert(h && ret);

        r = o ? save_counts(h, o) : -ENOMEM;
        if (r >= 0)
                r = json_set_u64(o, "sum", h->sum);
        if (r >= 0)
                r = json_set_u64(o, "min", h->min);
        if (r >= 0)
                r = json_set_u64(o, "max", h->max);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

static uint64_t *find_bucket(Histogram *h, uint64_t place) {
        return place < N_BUCKETS ? &h->buckets[place] : NULL;
}

static uint64_t *find_bound(Histogram *h, uint64_t value) {
        for (size_t i = 0; i < h->n_bounds; i++)
                if (h->bounds[i].value == value)
                        return &h->bounds[i].count;
        return NULL;
}

static uint64_t number_at(json_object *array, size_t i) {
        json_object *o = json_object_array_get_idx(array, i);

        return json_object_is_type(o, json_type_int) ? json_object_get_uint64(o) : 0;
}

static int restore_pairs(Histogram *h, json_object *list,
                uint64_t *(*find)(Histogram *h, uint64_t place), uint64_t *ret_sum) {
        size_t n = list ? json_object_array_length(list) : 0;

        *ret_sum = 0;
        for (size_t i = 0; i < n; i++) {
                json_object *pair = json_object_array_get_idx(list, i);
                uint64_t *count;

                if (!json_object_is_type(pair, json_type_array))
                        return -EBADMSG;
                count = find(h, number_at(pair, 0));
                if (!count || *count > 0)
                        return -EBADMSG;
                *count = number_at(pair, 1);
                *ret_sum = add_saturating(*ret_sum, *count);
        }
        return 0;
}

int histogram_restore(Histogram *h, json_object *saved) {
        uint64_t n_bounded = 0;
        int r;

        assert(h && h->count == 0);

        h->sum = json_get_u64(saved, "sum", 0);
        h->min = json_get_u64(saved, "min", 0);
        h->max = json_get_u64(saved, "max", 0);
        r = restore_pairs(h, json_get_typed(saved, "buckets", json_type_array), find_bucket,
                        &h->count);
        if (r >= 0)
                r = restore_pairs(h, json_get_typed(saved, "bounds", json_type_array), find_bound,
                                &n_bounded);
        if (r >= 0 && (h->min > h->max || n_bounded > h->count || h->count == UINT64_MAX))
                r = -EBADMSG;
        if (r < 0)
                histogram_reset(h);
        return r;
}
