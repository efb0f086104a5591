/* Holds: a gate lets in by priority, then in order of arrival, never more than its number, never
 * inside the call that asks, and not while the line behind it is long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "supervisor/lifecycle/gate.h"

struct visitor {
    struct gate_ticket ticket;
    char letter;
};

static char admitted[64];
static struct event_base *base;
static struct defer *defer;

static void admit(void *arg)
{
    const struct visitor *visitor = arg;
    size_t len = strlen(admitted);

    admitted[len] = visitor->letter;
    admitted[len + 1] = '\0';
}

static int setup(void **state)
{
    (void)state;
    base = event_base_new();
    defer = defer_new(base);
    admitted[0] = '\0';
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    defer_free(defer);
    event_base_free(base);
    return 0;
}

static void visitor_init(struct visitor *visitor, char letter)
{
    *visitor = (struct visitor){.letter = letter};
    visitor->ticket.admit = admit;
    visitor->ticket.arg = visitor;
}

static void turn(void)
{
    for (int i = 0; i < 4; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

static void priority_comes_first_then_arrival(void **state)
{
    struct visitor a, b, c, d;
    struct gate gate;

    (void)state;
    gate_init(&gate, defer, 1);
    visitor_init(&a, 'a');
    visitor_init(&b, 'b');
    visitor_init(&c, 'c');
    visitor_init(&d, 'd');
    gate_enter(&gate, &a.ticket, WORKER_LOW);
    gate_enter(&gate, &b.ticket, WORKER_NORMAL);
    gate_enter(&gate, &c.ticket, WORKER_NORMAL);
    gate_enter(&gate, &d.ticket, WORKER_CRITICAL);
    gate_enter(&gate, &d.ticket, WORKER_CRITICAL);
    assert_string_equal(admitted, "");
    turn();
    assert_string_equal(admitted, "d");
    gate_leave(&gate, &c.ticket);
    gate_leave(&gate, &d.ticket);
    gate_leave(&gate, &d.ticket);
    turn();
    assert_string_equal(admitted, "db");
    gate_leave(&gate, &b.ticket);
    turn();
    assert_string_equal(admitted, "dba");
    gate_leave(&gate, &a.ticket);
    assert_int_equal(gate.inside, 0);
    assert_int_equal(gate.waiting, 0);
}

static void a_closed_gate_keeps_its_line(void **state)
{
    struct visitor a;
    struct gate gate;

    (void)state;
    gate_init(&gate, defer, 4);
    gate_set_open(&gate, false);
    visitor_init(&a, 'a');
    gate_enter(&gate, &a.ticket, WORKER_HIGH);
    turn();
    assert_string_equal(admitted, "");
    gate_set_open(&gate, true);
    turn();
    assert_string_equal(admitted, "a");
    gate_leave(&gate, &a.ticket);
}

static void a_long_line_behind_holds_up_the_gate_before(void **state)
{
    struct visitor a, b;
    struct gate first, second;

    (void)state;
    gate_init(&first, defer, 4);
    gate_init(&second, defer, 1);
    gate_lead_to(&first, &second, 1);
    gate_set_open(&second, false);
    visitor_init(&a, 'a');
    visitor_init(&b, 'b');
    gate_enter(&second, &a.ticket, WORKER_LOW);
    gate_enter(&first, &b.ticket, WORKER_LOW);
    turn();
    assert_string_equal(admitted, "");
    gate_set_open(&second, true);
    turn();
    assert_string_equal(admitted, "ab");
    gate_leave(&second, &a.ticket);
    gate_leave(&first, &b.ticket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(priority_comes_first_then_arrival, setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_gate_keeps_its_line, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_line_behind_holds_up_the_gate_before, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
