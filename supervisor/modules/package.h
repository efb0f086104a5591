#ifndef AMID_MODULES_PACKAGE_H
#define AMID_MODULES_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One installed package in memory: its files, and what its package.json says about them. Everything
 * in it was written by strangers; what makes no sense is not found.
 */
struct package;

enum package_kind { PACKAGE_COMMONJS, PACKAGE_MODULE, PACKAGE_JSON };

/* The bytes of a package's file (common/module.h). 0, or AMID_E_INVALID with a reason, or
 * AMID_E_NOMEM. */
int package_parse(const char *text, size_t len, struct package **ret_package, char *reason,
                  size_t reason_size);
void package_free(struct package *package);
const char *package_name(const struct package *package);
const char *package_version(const struct package *package);

/* NULL if there is no such file. The text has *ret_len bytes and a terminator. */
const char *package_file(const struct package *package, const char *path, size_t *ret_len);
/* By its extension, for .js also by "type" of the nearest package.json. */
enum package_kind package_kind_of(const struct package *package, const char *path);
/* Whether package.json says that it cannot do without the other. */
bool package_requires(const struct package *package, const char *name);

/*
 * What a specifier means, as Node has it: the path of a file, borrowed from the package, or NULL.
 * subpath: what stands behind the name and its slash, "" for the package itself ("main",
 * "exports"). from: the file that asks; specifier begins with "." or "#".
 */
const char *package_entry(const struct package *package, const char *subpath, bool is_import);
const char *package_relative(const struct package *package, const char *from, const char *specifier,
                             bool is_import);

#endif
