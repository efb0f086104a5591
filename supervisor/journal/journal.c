#include "supervisor/journal/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/journal/ring.h"
#include "supervisor/journal/writer.h"

struct journal {
    struct rings *rings;
    struct writer *writer;
};

/* systemd sets JOURNAL_STREAM to the device and inode of what it connected to stderr; a child that
 * redirected stderr inherits the variable, but not the inode. */
static bool stderr_is_journald(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char ours[64];
    struct stat stat;

    if (stream == NULL || fstat(STDERR_FILENO, &stat) != 0)
        return false;
    snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)stat.st_dev, (uintmax_t)stat.st_ino);
    return strcmp(stream, ours) == 0;
}

static void journal_sink(void *arg, const struct log_record *record)
{
    struct journal *journal = arg;

    if (record->about != NULL && record->about->sid != NULL && record->about->audit == NULL)
        rings_add(journal->rings, record);
    writer_put(journal->writer, record);
}

int journal_open(size_t ring_lines, struct journal **ret_journal)
{
    struct journal *journal = calloc(1, sizeof(*journal));
    int error;

    if (journal == NULL)
        return AMID_E_NOMEM;
    journal->rings = rings_new(ring_lines);
    if (journal->rings == NULL) {
        free(journal);
        return AMID_E_NOMEM;
    }
    error = writer_open(stderr_is_journald(), &journal->writer);
    if (error != 0) {
        rings_free(journal->rings);
        free(journal);
        return error;
    }
    log_set_sink(journal_sink, journal);
    *ret_journal = journal;
    return 0;
}

void journal_set_node(struct journal *journal, const char *nid)
{
    writer_set_node(journal->writer, nid);
}

void journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    log_set_sink(NULL, NULL);
    writer_close(journal->writer);
    rings_free(journal->rings);
    free(journal);
}

void journal_tail(struct journal *journal, const char *sid, uint64_t after, size_t max,
                  void (*each)(void *arg, const struct journal_line *line), void *arg)
{
    rings_tail(journal->rings, sid, after, max, each, arg);
}

struct journal_follow *journal_follow_new(struct journal *journal, const char *sid,
                                          void (*fn)(void *arg, const struct journal_line *line),
                                          void *arg)
{
    return rings_follow(journal->rings, sid, fn, arg);
}

void journal_follow_free(struct journal_follow *follow)
{
    if (follow != NULL)
        rings_unfollow(follow);
}

void journal_forget(struct journal *journal, const char *sid)
{
    rings_forget(journal->rings, sid);
}
