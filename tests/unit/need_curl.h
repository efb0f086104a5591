#ifndef AMID_TEST_NEED_CURL_H
#define AMID_TEST_NEED_CURL_H

#include "supervisor/curl/curl_library.h"

/* Set-up of a group whose tests call what libcurl is behind. */
static inline int need_curl(void **state)
{
    char fault[CURL_LIBRARY_FAULT_BYTES + 64];

    (void)state;
    return curl_library_need(fault, sizeof(fault));
}

#endif
