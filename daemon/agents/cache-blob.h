/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Bytes that never change, shared by whoever holds a reference. */

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

typedef struct CacheBlob {
        unsigned n_refs;
        size_t n_data;
        char data[]; /* a NUL follows, for those who keep text */
} CacheBlob;

int cache_blob_new(const void *data, size_t n_data, CacheBlob **ret);
CacheBlob *cache_blob_ref(CacheBlob *blob);
/* NULL is fine; returns NULL. */
CacheBlob *cache_blob_unref(CacheBlob *blob);
DEFINE_CLEANUP(CacheBlob *, cache_blob_unref)
