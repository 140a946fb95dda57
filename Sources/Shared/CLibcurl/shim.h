#pragma once

#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

// libcurl's setters and getters are variadic, which Swift cannot call. Each wrapper here takes the one type that its
// group of options wants, so that a wrong type is an error at compile time.

static inline CURLcode kee_easy_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode kee_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode kee_easy_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode kee_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode kee_easy_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Copies the bytes: they may go as soon as this returns.
static inline CURLcode kee_easy_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(easy, option, &blob);
}

/// Copies the bytes: they may go as soon as this returns.
static inline CURLcode kee_easy_set_body(CURL *easy, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, count > 0 ? bytes : "") : code;
}

typedef size_t (*kee_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode kee_easy_set_data_callback(CURL *easy, CURLoption option, kee_data_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

typedef int (*kee_prerequest_callback)(void *context, char *, char *, int, int);

static inline CURLcode kee_easy_set_prerequest_callback(CURL *easy, kee_prerequest_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

/// Lets go of a resolver thread that is still at work when its transfer is removed. Without it libcurl waits for that
/// thread, and with it every other transfer. Since libcurl 7.87.
static inline CURLcode kee_easy_let_go_of_resolver(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
    return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
    return CURLE_OK;
#endif
}

/// Reads the file of certificate authorities for each new connection. Since libcurl 7.87 it is otherwise kept for a
/// day under its path, and a renewed file goes unnoticed.
static inline CURLcode kee_easy_reread_authorities(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
    return curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
#else
    return CURLE_OK;
#endif
}

static inline long kee_easy_system_error(CURL *easy) {
    long value = 0;
    return curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t kee_easy_uploaded(CURL *easy) {
    curl_off_t value = 0;
    return curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &value) == CURLE_OK ? value : 0;
}

static inline void *kee_easy_context(CURL *easy) {
    char *value = 0;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : 0;
}

static inline CURLMcode kee_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// Waits for a socket, libcurl's own clock, a wakeup or the time. Should that fail it still waits a little, lest a
/// system without memory get a loop that never rests.
static inline void kee_multi_wait(CURLM *multi, int milliseconds) {
    if (curl_multi_poll(multi, 0, 0, milliseconds, 0) != CURLM_OK) poll(0, 0, 10);
}

/// The next transfer that has ended, with its result, or NULL.
static inline CURL *kee_multi_next_ended(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message = 0;
    while ((message = curl_multi_info_read(multi, &left)) != 0) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return 0;
}

/// The version of the library that runs.
static inline const char *kee_version(void) {
    return curl_version_info(CURLVERSION_NOW)->version;
}

static const size_t kee_write_pause = CURL_WRITEFUNC_PAUSE;
static const long kee_global_default = CURL_GLOBAL_DEFAULT;

// The thread that drives libcurl. It is here and not in Swift for the sake of sigset_t and pthread_attr_t, which Swift
// takes for parts of whichever C module includes them first.

typedef void (*kee_thread_body)(void *context);

struct kee_thread_start {
    kee_thread_body body;
    void *context;
};

static void *kee_thread_main(void *argument) {
    struct kee_thread_start start = *(struct kee_thread_start *)argument;
    free(argument);
    // No signal is for this thread. SIGPIPE above all: with CURLOPT_NOSIGNAL libcurl leaves it to us.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, 0);
#if defined(__linux__)
    prctl(PR_SET_NAME, "kee-curl", 0, 0, 0);
#endif
    start.body(start.context);
    return 0;
}

/// Runs the body on a new detached thread; 0, or the error of the system.
static inline int kee_thread_start(kee_thread_body body, void *context) {
    struct kee_thread_start *start = malloc(sizeof(*start));
    if (!start) return 12;
    start->body = body;
    start->context = context;
    pthread_t thread;
    int code = pthread_create(&thread, 0, kee_thread_main, start);
    if (code == 0) pthread_detach(thread);
    else free(start);
    return code;
}
