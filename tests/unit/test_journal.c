/* Holds: the last lines of each worker are kept exactly, numbered without gaps and bounded in lines
 * and bytes; followers see each line once; on stderr each record is one line, written even when the
 * reader is slow, and what had to be dropped is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/journal/journal.h"
#include "supervisor/journal/writer.h"

#define SID_A "aaaaaaaa-1111-4222-8333-444444444444"
#define SID_B "bbbbbbbb-1111-4222-8333-444444444444"
#define RING  5

struct fixture {
    struct journal *journal;
    int stderr_copy;
    FILE *output; /* where stderr goes */
};

static int fixture_open(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    unsetenv("JOURNAL_STREAM");
    fixture->stderr_copy = dup(STDERR_FILENO);
    fixture->output = tmpfile();
    dup2(fileno(fixture->output), STDERR_FILENO);
    assert_int_equal(journal_open(RING, &fixture->journal), 0);
    *state = fixture;
    return 0;
}

static void stop_writing(struct fixture *fixture)
{
    journal_close(fixture->journal);
    fixture->journal = NULL;
    dup2(fixture->stderr_copy, STDERR_FILENO);
}

static int fixture_close(void **state)
{
    struct fixture *fixture = *state;

    stop_writing(fixture);
    close(fixture->stderr_copy);
    fclose(fixture->output);
    free(fixture);
    return 0;
}

static void worker_line(const char *sid, const char *text, size_t len)
{
    const struct log_about about = {.sid = sid, .instance = 3, .from_script = true};

    log_text(LOG_LEVEL_INFO, &about, text, len);
}

static void numbered_line(const char *sid, int number)
{
    char text[32];

    worker_line(sid, text, (size_t)snprintf(text, sizeof(text), "line %d", number));
}

static char seen[4096];

static void collect(void *arg, const struct journal_line *line)
{
    size_t at = strlen(seen);

    snprintf(seen + at, sizeof(seen) - at, "%s%" PRIu64 ":%s|", arg != NULL ? (char *)arg : "",
             line->sequence, line->text);
}

static const char *tail(struct fixture *fixture, const char *sid, uint64_t after, size_t max)
{
    seen[0] = '\0';
    journal_tail(fixture->journal, sid, after, max, collect, NULL);
    return seen;
}

static void the_ring_keeps_the_last_lines(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(tail(fixture, SID_A, 0, 100), "");
    for (int i = 1; i <= 7; i++)
        numbered_line(SID_A, i);
    numbered_line(SID_B, 1);
    assert_string_equal(tail(fixture, SID_A, 0, 100),
                        "3:line 3|4:line 4|5:line 5|6:line 6|7:line 7|");
    assert_string_equal(tail(fixture, SID_A, 0, 2), "6:line 6|7:line 7|");
    assert_string_equal(tail(fixture, SID_A, 5, 100), "6:line 6|7:line 7|");
    assert_string_equal(tail(fixture, SID_A, 5, 1), "7:line 7|");
    assert_string_equal(tail(fixture, SID_A, 7, 100), "");
    assert_string_equal(tail(fixture, SID_A, 0, 0), "");
    assert_string_equal(tail(fixture, SID_B, 0, 100), "1:line 1|");
    journal_forget(fixture->journal, SID_A);
    journal_forget(fixture->journal, "nobody");
    assert_string_equal(tail(fixture, SID_A, 0, 100), "");
    assert_string_equal(tail(fixture, SID_B, 0, 100), "1:line 1|");
}

static void text_is_kept_exactly(void **state)
{
    struct fixture *fixture = *state;

    worker_line(SID_A, "tab\tnewline\n\x1b", 13);
    assert_string_equal(tail(fixture, SID_A, 0, 9), "1:tab\tnewline\n\x1b|");
}

static void count_bytes(void *arg, const struct journal_line *line)
{
    *(size_t *)arg += strlen(line->text);
}

static void bytes_are_bounded_too(void **state)
{
    static char text[LOG_TEXT_MAX_BYTES];
    struct journal *journal;
    size_t bytes = 0;

    (void)state;
    stop_writing(*state);
    assert_int_equal(journal_open(1000, &journal), 0);
    log_set_level(LOG_LEVEL_ERROR);
    memset(text, 'x', sizeof(text));
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    for (int i = 0; i < 100; i++)
        worker_line(SID_A, text, sizeof(text));
    journal_tail(journal, SID_A, 0, 1000, count_bytes, &bytes);
    assert_true(bytes <= JOURNAL_RING_MAX_BYTES);
    assert_true(bytes >= JOURNAL_RING_MAX_BYTES - 2 * sizeof(text));
    log_set_level(LOG_LEVEL_INFO);
    journal_close(journal);
    dup2(((struct fixture *)*state)->stderr_copy, STDERR_FILENO);
}

static void followers_see_their_worker_only(void **state)
{
    struct fixture *fixture = *state;
    struct journal_follow *first, *second;

    seen[0] = '\0';
    first = journal_follow_new(fixture->journal, SID_A, collect, "1/");
    second = journal_follow_new(fixture->journal, SID_A, collect, "2/");
    numbered_line(SID_B, 1);
    assert_string_equal(seen, "");
    numbered_line(SID_A, 1);
    assert_string_equal(seen, "2/1:line 1|1/1:line 1|");
    journal_follow_free(second);
    journal_forget(fixture->journal, SID_A);
    seen[0] = '\0';
    numbered_line(SID_A, 2);
    assert_string_equal(seen, "1/2:line 2|");
    journal_follow_free(first);
    journal_follow_free(NULL);
    numbered_line(SID_A, 3);
    assert_string_equal(tail(fixture, SID_A, 0, 9), "2:line 2|3:line 3|");
}

static void followers_are_bounded_and_survive_the_journal(void **state)
{
    struct fixture *fixture = *state;
    struct journal_follow *follows[JOURNAL_FOLLOWERS_MAX];

    for (int i = 0; i < JOURNAL_FOLLOWERS_MAX; i++) {
        follows[i] = journal_follow_new(fixture->journal, SID_A, collect, NULL);
        assert_non_null(follows[i]);
    }
    assert_null(journal_follow_new(fixture->journal, SID_A, collect, NULL));
    journal_follow_free(follows[0]);
    follows[0] = journal_follow_new(fixture->journal, SID_B, collect, NULL);
    assert_non_null(follows[0]);
    stop_writing(fixture);
    for (int i = 0; i < JOURNAL_FOLLOWERS_MAX; i++)
        journal_follow_free(follows[i]);
}

static void many_workers_have_their_own_rings(void **state)
{
    struct fixture *fixture = *state;
    char sid[40];

    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    for (int round = 1; round <= 2; round++) {
        for (int i = 0; i < 1000; i++) {
            snprintf(sid, sizeof(sid), "%08x-1111-4222-8333-444444444444", i);
            numbered_line(sid, round * 10000 + i);
        }
    }
    assert_string_equal(tail(fixture, "000001f4-1111-4222-8333-444444444444", 0, 9),
                        "1:line 10500|2:line 20500|");
}

static void stderr_gets_one_line_each(void **state)
{
    struct fixture *fixture = *state;
    const struct log_about about = {.peer = "[::1]:5"};
    char line[256];

    worker_line(SID_A, "one\ntwo", 7);
    log_warn(&about, "three");
    stop_writing(fixture);
    rewind(fixture->output);
    assert_non_null(fgets(line, sizeof(line), fixture->output));
    assert_string_equal(strchr(line, ' '), " INFO  [aaaaaaaa#3] one\\ntwo\n");
    assert_non_null(fgets(line, sizeof(line), fixture->output));
    assert_string_equal(strchr(line, ' '), " WARN  <[::1]:5> three\n");
    assert_null(fgets(line, sizeof(line), fixture->output));
}

/* stderr is a pipe nobody reads: the loop must not notice, and the reader must be told. */
static void a_stalled_reader_stops_nobody(void **state)
{
    static char text[LOG_TEXT_MAX_BYTES];
    struct fixture *fixture = *state;
    const int lines = 3 * WRITER_QUEUE_MAX_BYTES / LOG_TEXT_MAX_BYTES;
    char line[LOG_TEXT_MAX_BYTES + 256];
    int ends[2], written = 0;
    unsigned dropped = 0;
    FILE *reader;

    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < lines; i++)
        log_text(LOG_LEVEL_INFO, NULL, text, sizeof(text));
    reader = fdopen(ends[0], "r");
    while (dropped == 0 && fgets(line, sizeof(line), reader) != NULL) {
        const char *said = strstr(line, "WARN  ");

        if (said != NULL)
            dropped = (unsigned)strtoul(said + 6, NULL, 10);
        else
            written++;
    }
    assert_true(dropped > 0);
    assert_int_equal(written + (int)dropped, lines);
    stop_writing(fixture);
    fclose(reader);
}

/* A journald of our own: a socket where journald's would be, in a mount namespace of our own. */
static int journald_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {30, 0}; /* only turns a hang into a failure */
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/run", "tmpfs", 0, NULL) != 0 || mkdir("/run/systemd", 0755) != 0 ||
        mkdir("/run/systemd/journal", 0755) != 0)
        return -1;
    strcpy(address.sun_path, "/run/systemd/journal/socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

#define CHILD_CANNOT 77

static int send_to_journald(void)
{
    static const char expected[] = "MESSAGE=one\\nUNIT=forged\n"
                                   "PRIORITY=4\n"
                                   "SYSLOG_IDENTIFIER=amid\n"
                                   "AMID_NODE=s-0001\n"
                                   "AMID_EVENT=script-log\n"
                                   "WORKER_SID=" SID_A "\n"
                                   "WORKER_INSTANCE=7\n"
                                   "WORKER_FIELDS={\"_SYSTEMD_UNIT\":\"x\"}\n";
    const struct log_about about = {.event = "script-log",
                                    .sid = SID_A,
                                    .instance = 7,
                                    .from_script = true,
                                    .fields = "{\"_SYSTEMD_UNIT\":\"x\"}"};
    char stream[64], received[4096] = "";
    struct journal *journal;
    struct stat stat;
    int fd = journald_socket();

    if (fd < 0)
        return CHILD_CANNOT;
    fstat(STDERR_FILENO, &stat);
    snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)stat.st_dev, (uintmax_t)stat.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    if (journal_open(RING, &journal) != 0)
        return 1;
    journal_set_node(journal, "s-0001");
    log_text(LOG_LEVEL_WARN, &about, "one\nUNIT=forged", 15);
    if (recv(fd, received, sizeof(received) - 1, 0) <= 0)
        return 2;
    journal_close(journal);
    close(fd);
    return strcmp(received, expected) == 0 ? 0 : 3;
}

static void journald_gets_fields_with_names_of_ours(void **state)
{
    pid_t child;
    int status;

    (void)state;
    child = fork();
    if (child == 0)
        _exit(send_to_journald());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_CANNOT)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_ring_keeps_the_last_lines),
        TEST(text_is_kept_exactly),
        TEST(bytes_are_bounded_too),
        TEST(followers_see_their_worker_only),
        TEST(followers_are_bounded_and_survive_the_journal),
        TEST(many_workers_have_their_own_rings),
        TEST(stderr_gets_one_line_each),
        TEST(a_stalled_reader_stops_nobody),
        cmocka_unit_test(journald_gets_fields_with_names_of_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
