/* The folder of authorities is what OpenSSL looks through: a chain of an authority in it is
 * believed, one of any other is not. It follows its files, and a folder that cannot be written is
 * told in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/fetch/authorities.h"

static char base[] = "/tmp/amid-authorities-XXXXXX";
static char folder[64], file[64];
static EVP_PKEY *key;

static int make_base(void **state)
{
    (void)state;
    key = EVP_EC_gen("P-256");
    if (key == NULL || mkdtemp(base) == NULL)
        return -1;
    snprintf(folder, sizeof(folder), "%s/authorities", base);
    snprintf(file, sizeof(file), "%s/ca.pem", base);
    return 0;
}

static int remove_base(void **state)
{
    char command[128];

    (void)state;
    EVP_PKEY_free(key);
    snprintf(command, sizeof(command), "rm -rf --one-file-system %s", base);
    return system(command);
}

/* An authority that has signed itself. */
static X509 *make_authority(const char *name, long serial)
{
    X509 *certificate = X509_new();

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void write_file(X509 *const *certificates, size_t count, const char *rest)
{
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(PEM_write_X509(out, certificates[i]), 1);
    fputs(rest, out);
    fclose(out);
}

static void renew(void)
{
    char reason[256] = "";

    if (authorities_write(folder, file, reason, sizeof(reason)) != 0)
        fail_msg("%s", reason);
}

static bool is_believed(X509 *certificate)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool is_fine;

    assert_int_equal(X509_STORE_load_path(store, folder), 1);
    assert_int_equal(X509_STORE_CTX_init(context, store, certificate, NULL), 1);
    is_fine = X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return is_fine;
}

static size_t entries(void)
{
    DIR *open = opendir(folder);
    size_t count = 0;

    assert_non_null(open);
    while (readdir(open) != NULL)
        count++;
    closedir(open);
    return count - 2;
}

static void test_follows_the_file(void **state)
{
    X509 *one = make_authority("one", 1), *same_name = make_authority("one", 2);
    X509 *two = make_authority("two", 3);
    X509 *all[] = {one, same_name, two};
    struct stat before, after;
    char path[96];
    size_t system_ones;

    (void)state;
    write_file(all, 1, "");
    renew();
    system_ones = entries() - 1;
    assert_true(is_believed(one));
    assert_false(is_believed(two));
    /* Two of one name lie side by side. */
    write_file(all, 3, "");
    renew();
    assert_int_equal(entries(), system_ones + 3);
    assert_true(is_believed(one) && is_believed(two));
    snprintf(path, sizeof(path), "%s/%08lx.1", folder, X509_subject_name_hash(one));
    assert_int_equal(access(path, R_OK), 0);
    /* What is as it was is left alone; what is damaged or of somebody else is put right. */
    snprintf(path, sizeof(path), "%s/%08lx.0", folder, X509_subject_name_hash(two));
    assert_int_equal(stat(path, &before), 0);
    renew();
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(truncate(path, 10), 0);
    assert_false(is_believed(two));
    renew();
    assert_true(is_believed(two));
    snprintf(path, sizeof(path), "%s/unfinished", folder);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    renew();
    assert_int_equal(entries(), system_ones + 3);
    write_file(&all[2], 1, "");
    renew();
    assert_int_equal(entries(), system_ones + 1);
    assert_false(is_believed(one));
    for (size_t i = 0; i < 3; i++)
        X509_free(all[i]);
}

static void test_bad_files(void **state)
{
    X509 *one = make_authority("one", 1);
    char reason[256];

    (void)state;
    assert_int_equal(authorities_check("/nowhere/ca.pem", reason, sizeof(reason)),
                     AMID_E_NOT_FOUND);
    assert_non_null(strstr(reason, "/nowhere/ca.pem cannot be read"));
    write_file(NULL, 0, "nothing of the kind\n");
    assert_int_equal(authorities_check(file, reason, sizeof(reason)), AMID_E_INVALID);
    assert_non_null(strstr(reason, "holds no PEM certificates"));
    assert_int_equal(authorities_write(folder, file, reason, sizeof(reason)), AMID_E_INVALID);
    write_file(&one, 1, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert_int_equal(authorities_check(file, reason, sizeof(reason)), AMID_E_INVALID);
    write_file(&one, 1, "");
    assert_int_equal(authorities_check(file, reason, sizeof(reason)), 0);
    X509_free(one);
}

static void test_too_many(void **state)
{
    X509 **many = calloc(AUTHORITIES_MAX + 1, sizeof(X509 *));
    X509 *one = make_authority("one", 1);
    char reason[256];

    (void)state;
    for (size_t i = 0; i <= AUTHORITIES_MAX; i++)
        many[i] = one;
    write_file(many, AUTHORITIES_MAX + 1, "");
    assert_int_equal(authorities_check(file, reason, sizeof(reason)), AMID_E_LIMIT);
    assert_non_null(strstr(reason, "more than 2048"));
    X509_free(one);
    free(many);
}

static void test_bad_folder(void **state)
{
    char reason[256];

    (void)state;
    assert_int_equal(authorities_write("/nowhere/authorities", "", reason, sizeof(reason)),
                     AMID_E_NOT_FOUND);
    assert_non_null(strstr(reason, "/nowhere/authorities: No such file"));
    assert_int_equal(symlink("/tmp", "/tmp/amid-authorities-link"), 0);
    assert_true(authorities_write("/tmp/amid-authorities-link", "", reason, sizeof(reason)) != 0);
    assert_int_equal(unlink("/tmp/amid-authorities-link"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_the_file),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_bad_folder),
    };

    return cmocka_run_group_tests(tests, make_base, remove_base);
}
