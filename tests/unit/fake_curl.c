/* A library of libcurl's name that is not fit: FAKE_VERSION, FAKE_TEXT, FAKE_TLS and FAKE_HTTPS say
 * what it claims to be. What else libcurl has is missing. */
#include <curl/curl.h>

curl_version_info_data *curl_version_info(CURLversion age)
{
    static const char *const protocols[] = {"http", FAKE_HTTPS, NULL};
    static curl_version_info_data info = {.age = CURLVERSION_NOW,
                                          .version = FAKE_TEXT,
                                          .version_num = FAKE_VERSION,
                                          .ssl_version = FAKE_TLS,
                                          .protocols = protocols};

    (void)age;
    return &info;
}
