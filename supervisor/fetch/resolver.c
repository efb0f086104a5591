#include "supervisor/fetch/resolver.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/error.h"
#include "common/host_list.h"

struct resolver_job {
    struct resolver_job *next;
    struct resolver *resolver;
    resolver_done_fn done; /* NULL once forgotten; the loop's alone */
    void *arg;
    char host[HOST_NAME_MAX_BYTES + 1];
    uint16_t port;
    int error;
    size_t count;
    struct address addresses[RESOLVER_ADDRESSES_MAX];
};

struct job_list {
    struct resolver_job *first, *last;
};

/* Shared with the threads under the lock; freed by whoever leaves last. */
struct resolver {
    pthread_mutex_t lock;
    struct job_list asked, answered;
    unsigned queued;
    unsigned threads;
    bool is_closed;
    int wake_fd;
    struct event *wake;
};

static void list_add(struct job_list *list, struct resolver_job *job)
{
    job->next = NULL;
    if (list->last != NULL)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

static struct resolver_job *list_take(struct job_list *list)
{
    struct resolver_job *job = list->first;

    if (job != NULL)
        list->first = job->next;
    if (list->first == NULL)
        list->last = NULL;
    return job;
}

static void list_free(struct job_list *list)
{
    for (struct resolver_job *job; (job = list_take(list)) != NULL;)
        free(job);
}

static void resolver_destroy(struct resolver *resolver)
{
    list_free(&resolver->asked);
    list_free(&resolver->answered);
    close(resolver->wake_fd);
    pthread_mutex_destroy(&resolver->lock);
    free(resolver);
}

#ifdef AMID_TEST_HOOKS
static bool test_hosts_know(struct resolver_job *job)
{
    const char *hosts = getenv("AMID_TEST_HOSTS");
    size_t len = strlen(job->host);

    for (const char *at = hosts; at != NULL; at = strchr(at, ',')) {
        if (*at == ',')
            at++;
        if (strncmp(at, job->host, len) != 0 || at[len] != '=')
            continue;
        at += len + 1;
        for (;;) {
            char text[INET6_ADDRSTRLEN] = "";
            size_t size = strcspn(at, "+,");

            if (size < sizeof(text) && job->count < RESOLVER_ADDRESSES_MAX) {
                memcpy(text, at, size);
                if (address_parse(text, job->port, &job->addresses[job->count]) == 0)
                    job->count++;
            }
            if (at[size] != '+')
                return true;
            at += size + 1;
        }
    }
    return false;
}
#endif

static void take_addresses(struct resolver_job *job, const struct addrinfo *list)
{
    for (const struct addrinfo *at = list; at != NULL && job->count < RESOLVER_ADDRESSES_MAX;
         at = at->ai_next) {
        struct address *address = &job->addresses[job->count];

        if (address_of(at->ai_addr, at->ai_addrlen, address) != 0)
            continue;
        if (address->any.sa_family == AF_INET)
            address->v4.sin_port = htons(job->port);
        else
            address->v6.sin6_port = htons(job->port);
        job->count++;
    }
}

static void ask(struct resolver_job *job)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int code;

#ifdef AMID_TEST_HOOKS
    if (test_hosts_know(job))
        return;
#endif
    code = getaddrinfo(job->host, NULL, &hints, &list);
    if (code == EAI_NONAME || code == EAI_NODATA)
        job->error = AMID_E_NOT_FOUND;
    else if (code != 0)
        job->error = code == EAI_MEMORY ? AMID_E_NOMEM : AMID_E_CLOSED;
    if (code != 0)
        return;
    take_addresses(job, list);
    freeaddrinfo(list);
    if (job->count == 0)
        job->error = AMID_E_NOT_FOUND;
}

static void *thread_main(void *arg)
{
    struct resolver *resolver = arg;
    struct resolver_job *job;
    const uint64_t one = 1;
    bool is_last;

    pthread_mutex_lock(&resolver->lock);
    while (!resolver->is_closed && (job = list_take(&resolver->asked)) != NULL) {
        resolver->queued--;
        pthread_mutex_unlock(&resolver->lock);
        ask(job);
        pthread_mutex_lock(&resolver->lock);
        list_add(&resolver->answered, job);
        /* Cannot fail before the counter is full, and then the loop is awake anyway. */
        (void)!write(resolver->wake_fd, &one, sizeof(one));
    }
    resolver->threads--;
    is_last = resolver->is_closed && resolver->threads == 0;
    pthread_mutex_unlock(&resolver->lock);
    if (is_last)
        resolver_destroy(resolver);
    return NULL;
}

static void on_answers(evutil_socket_t fd, short what, void *arg)
{
    struct resolver *resolver = arg;
    struct job_list answered;
    uint64_t count;

    (void)what;
    (void)!read(fd, &count, sizeof(count));
    pthread_mutex_lock(&resolver->lock);
    answered = resolver->answered;
    resolver->answered = (struct job_list){0};
    pthread_mutex_unlock(&resolver->lock);
    for (struct resolver_job *job; (job = list_take(&answered)) != NULL;) {
        if (job->done != NULL)
            job->done(job->arg, job->error, job->addresses, job->count);
        free(job);
    }
}

int resolver_new(struct event_base *base, struct resolver **ret_resolver)
{
    struct resolver *resolver = calloc(1, sizeof(*resolver));

    if (resolver == NULL)
        return AMID_E_NOMEM;
    resolver->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (resolver->wake_fd < 0) {
        free(resolver);
        return AMID_E_IO;
    }
    pthread_mutex_init(&resolver->lock, NULL);
    resolver->wake = event_new(base, resolver->wake_fd, EV_READ | EV_PERSIST, on_answers, resolver);
    if (resolver->wake == NULL || event_add(resolver->wake, NULL) != 0) {
        if (resolver->wake != NULL)
            event_free(resolver->wake);
        resolver_destroy(resolver);
        return AMID_E_NOMEM;
    }
    *ret_resolver = resolver;
    return 0;
}

void resolver_free(struct resolver *resolver)
{
    bool is_last;

    if (resolver == NULL)
        return;
    event_free(resolver->wake);
    pthread_mutex_lock(&resolver->lock);
    resolver->is_closed = true;
    is_last = resolver->threads == 0;
    pthread_mutex_unlock(&resolver->lock);
    if (is_last)
        resolver_destroy(resolver);
}

/* With every signal blocked: they are the loop's. */
static int start_thread(struct resolver *resolver)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int code;

    if (pthread_attr_init(&attributes) != 0)
        return AMID_E_NOMEM;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    code = pthread_create(&thread, &attributes, thread_main, resolver);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return code == 0 ? 0 : AMID_E_NOMEM;
}

int resolver_ask(struct resolver *resolver, const char *host, uint16_t port, resolver_done_fn done,
                 void *arg, struct resolver_job **ret_job)
{
    struct resolver_job *job;
    int error = 0;

    if (strlen(host) > HOST_NAME_MAX_BYTES)
        return AMID_E_INVALID;
    job = calloc(1, sizeof(*job));
    if (job == NULL)
        return AMID_E_NOMEM;
    job->resolver = resolver;
    job->done = done;
    job->arg = arg;
    job->port = port;
    snprintf(job->host, sizeof(job->host), "%s", host);
    pthread_mutex_lock(&resolver->lock);
    if (resolver->queued >= RESOLVER_QUEUE_MAX)
        error = AMID_E_BUSY;
    if (error == 0 && resolver->threads < RESOLVER_THREADS_MAX) {
        resolver->threads++;
        error = start_thread(resolver);
        if (error != 0)
            resolver->threads--;
        if (resolver->threads > 0)
            error = 0; /* another one will come to it */
    }
    if (error == 0) {
        list_add(&resolver->asked, job);
        resolver->queued++;
    }
    pthread_mutex_unlock(&resolver->lock);
    if (error != 0) {
        free(job);
        return error;
    }
    *ret_job = job;
    return 0;
}

void resolver_forget(struct resolver_job *job)
{
    job->done = NULL;
    job->arg = NULL;
}
