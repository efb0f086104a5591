/** Deno.metrics() in the shape that Deno 1.x gave it. */

/** Counters of one operation: all that were begun are counted, those that wait for an answer are not completed. */
function counters(sync, dispatched, completed) {
  return {
    opsDispatched: sync + dispatched,
    opsDispatchedSync: sync,
    opsDispatchedAsync: dispatched,
    opsDispatchedAsyncUnref: 0,
    opsCompleted: sync + completed,
    opsCompletedSync: sync,
    opsCompletedAsync: completed,
    opsCompletedAsyncUnref: 0,
    bytesSentControl: 0,
    bytesSentData: 0,
    bytesReceived: 0,
  };
}

/**
 * @param {{clock: number, calls: number, waiting: number}} counted since the process began: readings of a clock,
 *     calls to amid, and those of them without an answer yet
 */
export function metricsOf(counted) {
  var metrics = counters(counted.clock, counted.calls, counted.calls - counted.waiting);
  metrics.ops = {
    op_now: counters(counted.clock, 0, 0),
    op_host_call: counters(0, counted.calls, counted.calls - counted.waiting),
  };
  return metrics;
}
