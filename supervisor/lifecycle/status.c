#include "supervisor/lifecycle/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "proto/status_page.h"

#define STATUS_SYSCALL_MAX 4096

int status_open(struct status *status)
{
    int fd = memfd_create("amid-status", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *page = MAP_FAILED;
    int error;

    if (fd < 0)
        return error_from_errno(errno);
    if (ftruncate(fd, STATUS_PAGE_BYTES) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        goto failed;
    page = mmap(NULL, STATUS_PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        goto failed;
    *status = (struct status){.page = page, .fd = fd, .opened_mono_ms = clock_mono_ms()};
    return 0;
failed:
    error = error_from_errno(errno);
    close(fd);
    return error;
}

void status_passed(struct status *status)
{
    if (status->fd >= 0)
        close(status->fd);
    status->fd = -1;
}

void status_close(struct status *status)
{
    if (status->page == NULL)
        return;
    status_passed(status);
    munmap((void *)status->page, STATUS_PAGE_BYTES);
    status->page = NULL;
}

void status_begin(struct status *status)
{
    status->opened_mono_ms = clock_mono_ms();
}

int status_syscall(const struct status *status)
{
    uint32_t noted = status->page == NULL ? 0 : status->page->refused_syscall;

    return noted == 0 || noted > STATUS_SYSCALL_MAX ? -1 : (int)noted - 1;
}

static uint64_t clamp(uint64_t value, uint64_t most)
{
    return value < most ? value : most;
}

static uint64_t grown(uint64_t seen, uint64_t value, uint64_t most)
{
    value = clamp(value, most);
    return value > seen ? value : seen;
}

void status_read(struct status *status, uint64_t heap_limit_bytes, struct status_reading *ret)
{
    const volatile struct status_page *page = status->page;
    uint64_t most = (uint64_t)(clock_mono_ms() - status->opened_mono_ms + 1) * STATUS_COUNTS_PER_MS;
    int64_t now_ms = clock_real_ms();
    int64_t last_run_ms;

    *ret = (struct status_reading){.iterations = status->iterations, .ticks = status->ticks};
    if (page == NULL || page->magic != STATUS_PAGE_MAGIC)
        return;
    status->iterations = grown(status->iterations, page->iterations, most);
    status->ticks = grown(status->ticks, page->ticks, most);
    ret->iterations = status->iterations;
    ret->ticks = status->ticks;
    ret->heap_bytes = clamp(page->heap_bytes, heap_limit_bytes);
    last_run_ms = page->last_run_ms;
    ret->last_run_ms = last_run_ms < 0 ? 0 : last_run_ms > now_ms ? now_ms : last_run_ms;
}
