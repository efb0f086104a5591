/* global __async, __await, Stels, logger */
// What the compiler makes of an ordinary worker: a loop that reads and writes state, logs, catches and sleeps. The
// zygote runs it once to learn which parts of the warm heap scripts write to (runner/rehearsal.h). Being a sample, it
// need not follow the compiler's output in detail, but it must run: ES5, no comma after a last argument.
(function () {
  return function () {
    return __async(function () {
      var state = { runs: 0, seen: new Map() };
      function step(n) {
        return __async(function () {
          var entry = __await(Stels.local.get(['state', n]));
          if (entry.value) state.runs = entry.value.raw.runs;
          try {
            if (n % 3 === 0) throw new Error('bad '.concat(n));
            var next = { runs: state.runs + n, at: Date.now(), keys: Object.keys(state) };
            __await(Stels.local.set(['state', n], next));
          } catch (error) {
            logger.warn('failed', error.message, { n: n });
          } finally {
            state.seen.set(n, state.seen.size);
          }
          return JSON.stringify(state).length;
        });
      }
      for (var n = 1; n < 5; n++) {
        var size = __await(step(n));
        logger.info('step '.concat(n), size, Math.random().toFixed(2));
        __await(Stels.sleep(1));
      }
      function double(x) {
        return __async(function () {
          __await(Stels.sleep(1));
          return x * 2;
        });
      }
      __await(Promise.all([1, 2].map(double)));
      console.log('rehearsed');
      // Answered once rehearsal.c watches which pages are touched from here on.
      __await(Stels.local.get(['watched']));
      for (n = 0; n < 3; n++) __await(Stels.sleep(1));
      console.log('rehearsed');
      while (true) __await(Stels.sleep(1000));
    });
  };
})();
