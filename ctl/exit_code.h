#ifndef AMID_CTL_EXIT_CODE_H
#define AMID_CTL_EXIT_CODE_H

/* What amictl(1) promises. */
enum ctl_exit {
    CTL_OK = 0,
    CTL_REFUSED = 1,      /* the node answered with an error */
    CTL_USAGE = 2,        /* the command line makes no sense */
    CTL_UNREACHABLE = 3,  /* nobody answers there, or not in HTTP */
    CTL_UNAUTHORIZED = 4, /* no token, or not this node's */
    CTL_UNKNOWN = 5,      /* no such worker, or the abbreviation fits several */
    CTL_BROKEN = 6        /* audit --verify: the chain is not whole */
};

#endif
