//go:build cgo && linux

package main

// With cgo, Pebble takes memtables of some MiB and the blocks of its cache from C. By itself, glibc has an arena for each thread, and
// puts what is large into it, too, as soon as the first large one was freed. The arenas then hold several times what is in
// use: 115 MiB of 32 were seen. So there is one arena, and what is large goes back to the system when it is freed. This
// has to be said before the first thread asks for memory. What the operator says in glibc's own variables counts.

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>

__attribute__((constructor)) static void tune_malloc(void) {
	if (getenv("GLIBC_TUNABLES"))
		return;
	if (!getenv("MALLOC_ARENA_MAX"))
		mallopt(M_ARENA_MAX, 1);
	if (!getenv("MALLOC_MMAP_THRESHOLD_"))
		mallopt(M_MMAP_THRESHOLD, 256 << 10);
}
#endif
*/
import "C"
