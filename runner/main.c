#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/message.h"
#include "runner/build_id.h"
#include "runner/zygote.h"

static const char usage[] =
    "usage: amid-runner --zygote | --zygote=compiler | --version | --help\n"
    "\n"
    "Runs workers' scripts for amid, which starts it; there is no reason to start it by hand.\n"
    "With --zygote it serves amid's requests for new processes on descriptor 3.\n";

int main(int argc, char **argv)
{
    const char *command = argc == 2 ? argv[1] : "";

    if (strcmp(command, "--version") == 0) {
        printf("amid-runner %s (protocol %d, build %s)\n", AMID_VERSION, PROTO_VERSION,
               BUILD_ID_TEXT);
        return PROTO_EXIT_CLEAN;
    }
    if (strcmp(command, "--help") == 0) {
        fputs(usage, stdout);
        return PROTO_EXIT_CLEAN;
    }
    /* _exit: nothing is left to flush, and a sanitizer's leak check would trace us. */
    if (strcmp(command, "--zygote") == 0)
        _exit(zygote_main(false));
    if (strcmp(command, "--zygote=compiler") == 0)
        _exit(zygote_main(true));
    fputs(usage, stderr);
    return PROTO_EXIT_USAGE;
}
