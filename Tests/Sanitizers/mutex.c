// For runs under ThreadSanitizer only: tells it of Synchronization.Mutex.
//
// On Linux the uncontended path of Mutex is inlined into our instrumented code, but the contended one is in
// libswiftSynchronization.so, which is not instrumented: ThreadSanitizer misses that the lock was taken or given back
// there, and reports races between two bodies of withLock of one mutex. Preloaded, this stands before those two
// functions and says so. It hides nothing else: a race beside a lock is still found.
//
//   scripts/sanitize.sh builds and preloads it.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slow(uint32_t thread, SELF self) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF self) __asm__(UNLOCK_SLOW);

static void *original(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();
    return function;
}

SWIFT void lock_slow(uint32_t thread, SELF self) {
    SWIFT void (*next)(uint32_t, SELF) = (SWIFT void (*)(uint32_t, SELF))original(LOCK_SLOW);
    next(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlock_slow(SELF self) {
    SWIFT void (*next)(SELF) = (SWIFT void (*)(SELF))original(UNLOCK_SLOW);
    if (__tsan_release) __tsan_release(self);
    next(self);
}
