#ifndef AMID_FETCH_ADDRESS_H
#define AMID_FETCH_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* A text such as 127.0.0.1:443 or [::1]:443, to be shown. */
#define ADDRESS_TEXT_BYTES (INET6_ADDRSTRLEN + 8)

struct address {
    socklen_t len;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
};

/* Numbers only, without brackets or zone; AMID_E_INVALID otherwise. */
int address_parse(const char *text, uint16_t port, struct address *ret_address);
/* AMID_E_INVALID for another family, or a length that is not the family's. */
int address_of(const struct sockaddr *from, socklen_t len, struct address *ret_address);
void address_text(const struct address *address, char out[ADDRESS_TEXT_BYTES]);
uint16_t address_port(const struct address *address);
/* Without port. */
bool address_is_same_host(const struct address *a, const struct address *b);

/*
 * NULL if the address is one of the public internet; else static text that says what it is. Pure:
 * it knows the ranges that IANA's special-purpose registries (RFC 6890 and its successors) list,
 * not this machine's own addresses. An IPv6 address that carries an IPv4 address within is refused
 * whatever that is.
 */
const char *address_fault(const struct address *address);

#endif
