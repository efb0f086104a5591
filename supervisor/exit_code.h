#ifndef AMID_EXIT_CODE_H
#define AMID_EXIT_CODE_H

/* How amid ends: the public table (docs/man/amid.8). The numbers are those of sysexits.h, so that
 * systemd names them in `systemctl status`. */
enum exit_code {
    EXIT_CODE_OK = 0,         /* stopped as asked */
    EXIT_CODE_USAGE = 64,     /* unknown option */
    EXIT_CODE_DATA = 65,      /* the database is damaged or was written by a newer amid */
    EXIT_CODE_BUSY = 69,      /* another amid holds the state folder */
    EXIT_CODE_INTERNAL = 70,  /* an error of ours; the log says which */
    EXIT_CODE_SYSTEM = 71,    /* no memory, no thread, no amid-runner */
    EXIT_CODE_STATE = 73,     /* the state folder cannot be made or used */
    EXIT_CODE_IO = 74,        /* reading or writing the state failed */
    EXIT_CODE_IMPATIENT = 75, /* a second signal: ended without waiting for the workers */
    EXIT_CODE_LISTEN = 76,    /* an address cannot be listened on */
    EXIT_CODE_PRIVILEGE = 77, /* would have had to run as root */
    EXIT_CODE_SETTINGS = 78,  /* bad settings */
};

#endif
