#ifndef AMID_RUNNER_ZYGOTE_H
#define AMID_RUNNER_ZYGOTE_H

#include <stdbool.h>

/* Serves clone requests on ZYGOTE_CONTROL_FD until amid closes it (proto/zygote.h). Returns the
 * exit code of the process. */
int zygote_main(bool is_compiler);

#endif
