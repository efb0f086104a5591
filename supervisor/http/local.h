#ifndef AMID_HTTP_LOCAL_H
#define AMID_HTTP_LOCAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The unix socket for the operator at the machine itself: who may connect needs no token. The file
 * has mode 0660 and, where it can be given away, the group amid; the kernel says who has connected.
 */
#define HTTP_LOCAL_GROUP "amid"
#define HTTP_LOCAL_NONE  ((uid_t)-1)

/* A listening socket, non-blocking, that the caller closes; unlink is his as well. What a killed
 * amid left is replaced. AMID_E_ADDR_IN_USE: something answers there. Else AMID_E_INVALID (no place
 * for a socket) or of the system; reason gets a sentence. */
int http_local_bind(const char *path, int *ret_fd, gid_t *ret_group, char *reason,
                    size_t reason_size);
/* Root, who we are, and members of group; never the user of the runners (HTTP_LOCAL_NONE = they
 * have none of their own). */
bool http_local_admits(int fd, gid_t group, uid_t runner);
/* Who has connected: "uid 1000". */
void http_local_name(int fd, char *out, size_t size);

#endif
