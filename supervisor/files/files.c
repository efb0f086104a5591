#include "supervisor/files/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/files/depot.h"

#define FOLDER      "files"
#define FOLDER_MODE 0700

struct queue {
    struct file_op *first;
    struct file_op **last;
};

struct files {
    int folder_fd; /* the loop's own, for the sweep */
    int done_fd;
    struct event *done_event;
    pthread_t thread;
    struct depot *depot; /* the thread's */
    size_t waiting;      /* submitted and not handed back; the loop's */
    size_t waiting_bytes;

    pthread_mutex_t lock; /* guards all that follows */
    pthread_cond_t wake;
    struct queue todo, done;
    int clear_error; /* to be told in the log, which is the loop's */
    bool is_closing;
};

static void queue_put(struct queue *queue, struct file_op *op)
{
    op->next = NULL;
    *queue->last = op;
    queue->last = &op->next;
}

static struct file_op *queue_take(struct queue *queue)
{
    struct file_op *op = queue->first;

    if (op == NULL)
        return NULL;
    queue->first = op->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    op->next = NULL;
    return op;
}

/* --- the thread --- */

static void op_finish(struct files *files, struct file_op *op)
{
    uint64_t one = 1;

    pthread_mutex_lock(&files->lock);
    queue_put(&files->done, op);
    pthread_mutex_unlock(&files->lock);
    /* It can only fail by overflow, and then the loop is awake anyway. */
    (void)!write(files->done_fd, &one, sizeof(one));
}

/* True while there is more to remove. */
static bool clear_some(struct files *files)
{
    int error = depot_clear(files->depot, FILES_FORGET_STEP);
    uint64_t one = 1;

    if (error == 0 || error == AMID_E_BUSY)
        return error != 0;
    pthread_mutex_lock(&files->lock);
    files->clear_error = error;
    pthread_mutex_unlock(&files->lock);
    (void)!write(files->done_fd, &one, sizeof(one));
    return false;
}

/* NULL at the end, and while there is something to clear away: *ret_ends tells which. */
static struct file_op *op_next(struct files *files, bool has_gone, bool *ret_ends)
{
    struct file_op *op;

    pthread_mutex_lock(&files->lock);
    while (!files->is_closing && files->todo.first == NULL && !has_gone)
        pthread_cond_wait(&files->wake, &files->lock);
    *ret_ends = files->is_closing;
    op = files->is_closing ? NULL : queue_take(&files->todo);
    pthread_mutex_unlock(&files->lock);
    return op;
}

static void *files_main(void *arg)
{
    struct files *files = arg;
    bool has_gone = true;
    bool ends = false;

    while (!ends) {
        struct file_op *op = op_next(files, has_gone, &ends);

        if (op != NULL && op->kind == FILE_OP_FORGET)
            op->error = depot_forget(files->depot, op->sid);
        else if (op != NULL)
            depot_run(files->depot, op);
        if (op != NULL)
            op_finish(files, op);
        if (!ends)
            has_gone = clear_some(files);
    }
    return NULL;
}

/* --- the loop --- */

static void op_return(struct files *files, struct file_op *op)
{
    files->waiting--;
    files->waiting_bytes -= op->charged;
    op->done(op, op->arg);
}

static void take_done(evutil_socket_t fd, short what, void *arg)
{
    struct files *files = arg;
    struct log_about about = {.event = "files"};
    struct file_op *op;
    uint64_t count;
    int clear_error;

    (void)what;
    (void)!read(fd, &count, sizeof(count));
    do {
        pthread_mutex_lock(&files->lock);
        op = queue_take(&files->done);
        clear_error = files->clear_error;
        files->clear_error = 0;
        pthread_mutex_unlock(&files->lock);
        if (clear_error != 0)
            log_error(&about, "The folder of a deleted worker cannot be removed: %s",
                      error_text(clear_error));
        if (op != NULL)
            op_return(files, op);
    } while (op != NULL);
}

static void submit(struct files *files, struct file_op *op)
{
    files->waiting++;
    pthread_mutex_lock(&files->lock);
    queue_put(&files->todo, op);
    pthread_cond_signal(&files->wake);
    pthread_mutex_unlock(&files->lock);
}

int files_submit(struct files *files, struct file_op *op)
{
    if (!id_is_uuid(op->sid))
        return AMID_E_INVALID;
    /* What is read comes into memory here, too. */
    op->charged = op->kind == FILE_OP_READ || op->kind == FILE_OP_COPY ? FILE_OP_DATA_MAX : op->len;
    if (files->waiting >= FILES_QUEUE_MAX ||
        files->waiting_bytes + op->charged > FILES_QUEUE_MAX_BYTES)
        return AMID_E_BUSY;
    files->waiting_bytes += op->charged;
    submit(files, op);
    return 0;
}

static void forgotten(struct file_op *op, void *arg)
{
    struct log_about about = {.event = "files", .sid = op->sid};

    (void)arg;
    if (op->error != 0 && op->error != AMID_E_STOPPED)
        log_error(&about, "The folder of this deleted worker cannot be removed: %s",
                  error_text(op->error));
    file_op_free(op);
}

/* Bounded by the number of workers, not by the queue. What is lost for want of memory the next
 * start finds. */
void files_forget(struct files *files, const char *sid)
{
    struct file_op *op = id_is_uuid(sid) ? file_op_new(FILE_OP_FORGET, sid, NULL, 0) : NULL;

    if (op == NULL)
        return;
    op->done = forgotten;
    submit(files, op);
}

void files_sweep(struct files *files, bool (*is_known)(void *arg, const char *sid), void *arg)
{
    int copy = openat(files->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;

    if (folder == NULL) {
        if (copy >= 0)
            close(copy);
        return;
    }
    while ((entry = readdir(folder)) != NULL) {
        if (id_is_uuid(entry->d_name) && !is_known(arg, entry->d_name))
            files_forget(files, entry->d_name);
    }
    closedir(folder);
}

/* --- opening and closing --- */

static int open_folder(struct files *files, const char *state, char *reason, size_t reason_size)
{
    int state_fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = 0;

    if (state_fd < 0)
        error = error_from_errno(errno);
    if (error == 0 && mkdirat(state_fd, FOLDER, FOLDER_MODE) != 0 && errno != EEXIST)
        error = error_from_errno(errno);
    if (error == 0) {
        files->folder_fd =
            openat(state_fd, FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (files->folder_fd < 0)
            error = error_from_errno(errno);
    }
    if (error != 0)
        snprintf(reason, reason_size, "cannot open %s/" FOLDER ": %s", state, error_text(error));
    if (state_fd >= 0)
        close(state_fd);
    return error;
}

static int thread_start(struct files *files)
{
    sigset_t all, before;
    int failed;

    /* Signals are the loop's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&files->thread, NULL, files_main, files);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        pthread_setname_np(files->thread, "amid-files");
    return failed == 0 ? 0 : AMID_E_LIMIT;
}

static int open_thread(struct files *files, struct event_base *base)
{
    int copy = fcntl(files->folder_fd, F_DUPFD_CLOEXEC, 0);

    if (copy < 0)
        return error_from_errno(errno);
    files->depot = depot_new(copy);
    if (files->depot == NULL) {
        close(copy);
        return AMID_E_NOMEM;
    }
    files->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (files->done_fd < 0)
        return error_from_errno(errno);
    files->done_event = event_new(base, files->done_fd, EV_READ | EV_PERSIST, take_done, files);
    if (files->done_event == NULL || event_add(files->done_event, NULL) != 0)
        return AMID_E_NOMEM;
    return thread_start(files);
}

static void release(struct files *files)
{
    if (files->done_event != NULL)
        event_free(files->done_event);
    if (files->done_fd >= 0)
        close(files->done_fd);
    if (files->folder_fd >= 0)
        close(files->folder_fd);
    depot_free(files->depot);
    pthread_cond_destroy(&files->wake);
    pthread_mutex_destroy(&files->lock);
    free(files);
}

int files_open(const char *state, struct event_base *base, struct files **ret_files, char *reason,
               size_t reason_size)
{
    struct files *files = calloc(1, sizeof(*files));
    int error;

    if (files == NULL)
        return AMID_E_NOMEM;
    files->folder_fd = files->done_fd = -1;
    files->todo.last = &files->todo.first;
    files->done.last = &files->done.first;
    pthread_mutex_init(&files->lock, NULL);
    pthread_cond_init(&files->wake, NULL);
    snprintf(reason, reason_size, "the files' thread cannot be started");
    error = open_folder(files, state, reason, reason_size);
    if (error == 0)
        error = open_thread(files, base);
    if (error != 0) {
        release(files);
        return error;
    }
    *ret_files = files;
    return 0;
}

void files_close(struct files *files)
{
    struct file_op *op;

    if (files == NULL)
        return;
    pthread_mutex_lock(&files->lock);
    files->is_closing = true;
    pthread_cond_signal(&files->wake);
    pthread_mutex_unlock(&files->lock);
    pthread_join(files->thread, NULL);
    while ((op = queue_take(&files->done)) != NULL)
        op_return(files, op);
    while ((op = queue_take(&files->todo)) != NULL) {
        op->error = AMID_E_STOPPED;
        op_return(files, op);
    }
    release(files);
}
