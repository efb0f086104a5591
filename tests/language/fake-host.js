/* global print, bootPrelude */
/*
 * A double of the runner's C functions, for tests of the prelude that amid-jsc runs: virtual time, a key-value store in
 * memory, log lines printed. It needs the global `bootPrelude`, and gives the global `runWorker`.
 */
(function () {
  var say = print;
  var boot = bootPrelude;
  var time = 0;
  var lastId = 0;
  var lastStamp = 0;
  var answers = [];
  var store = {};
  var ended = null;
  var isStopped = false;
  var counters = '0 iterations, 0 ticks';
  var LEVELS = ['debug ', '', 'warn ', 'error '];

  function answer(result) {
    answers.push({ id: ++lastId, result: result });
    return lastId;
  }

  function slot(space, key) {
    return space + JSON.stringify(key);
  }

  function within(entry, query) {
    var text = JSON.stringify(entry.key);
    var prefix = query.prefix;
    if (prefix && JSON.stringify(entry.key.slice(0, prefix.length)) !== JSON.stringify(prefix)) {
      return false;
    }
    if (query.start && text < JSON.stringify(query.start)) return false;
    return !(query.end && text >= JSON.stringify(query.end));
  }

  function kvList(space, query) {
    var from = query.cursor ? +query.cursor : 0;
    var found = Object.keys(store)
      .sort()
      .filter(function (key) {
        return key.charAt(0) === String(space) && within(store[key], query);
      })
      .map(function (key) {
        return store[key];
      });
    if (query.reverse) found.reverse();
    return answer({
      entries: found.slice(from, from + query.limit),
      cursor: from + query.limit < found.length ? String(from + query.limit) : '',
    });
  }

  /** The value a mutation leaves; sum, min and max work on the number in raw. */
  function written(before, change) {
    var record = JSON.parse(before ? before.value : change.value);
    if (change.type === 'set' || !before) return change.value;
    if (change.type === 'sum') record.raw += change.operand;
    else record.raw = Math[change.type](record.raw, change.operand);
    return JSON.stringify(record);
  }

  /** Of the uniform calls the one that reads several keys; they are not encoded here. */
  function call(name, args, keys) {
    var space = JSON.parse(args).space;
    if (name !== 'KV_GET_MANY') throw new Error('no double of ' + name);
    return answer({
      result: keys.map(function (key) {
        var entry = store[slot(space, key)];
        return entry ? [entry.versionstamp, JSON.parse(entry.value)] : null;
      }),
      data: null,
    });
  }

  function kvAtomic(space, checks, mutations) {
    var holds = checks.every(function (check) {
      var entry = store[slot(space, check.key)];
      return (entry ? entry.versionstamp : null) === check.versionstamp;
    });
    if (!holds) return answer({ ok: false, versionstamp: null });
    var stamp = ('00000000000000000000' + ++lastStamp).slice(-20);
    mutations.forEach(function (change) {
      var key = slot(space, change.key);
      if (change.type === 'delete') delete store[key];
      else
        store[key] = { key: change.key, value: written(store[key], change), versionstamp: stamp };
    });
    return answer({ ok: true, versionstamp: stamp });
  }

  var hooks = boot({
    now() {
      return 1700000000000 + time;
    },
    mono() {
      return time;
    },
    randomBytes(count) {
      return new Uint8Array(count);
    },
    log(level, text, fields) {
      say(LEVELS[level] + text + (fields === null ? '' : ' #' + fields));
    },
    kvGet(space, key) {
      return answer(store[slot(space, key)] || null);
    },
    kvList: kvList,
    kvAtomic: kvAtomic,
    kvKeys(keys) {
      return keys;
    },
    call: call,
    closeResource() {},
    iterationEnd(ok, error) {
      var failure = ok ? null : JSON.parse(error);
      ended = { ok: ok };
      say(
        ok
          ? '-- ended well'
          : '-- failed: ' +
              [
                failure.name,
                failure.ancestors.join('<'),
                failure.message,
                'line ' + failure.line,
              ].join(' | '),
      );
    },
    iterationStart() {},
    progress(iterations, ticks) {
      counters = iterations + ' iterations, ' + ticks + ' ticks';
    },
    stopped() {
      isStopped = true;
      say('-- stopped');
    },
    heap() {
      return { used: 1000, held: 2000, limit: 0 };
    },
    about() {
      return { arch: 'x86_64', pid: 42, hostname: 'testhost', loadavg: [0.5, 0.25, 0] };
    },
    counters() {
      return { clock: 7, calls: lastId, waiting: answers.length };
    },
  });

  function turn() {
    var due = answers;
    answers = [];
    due.forEach(function (each) {
      hooks.reply(each.id, null, each.result);
    });
    hooks.timers(time);
    return hooks.drain(50);
  }

  /** Runs a worker until it has ended `iterations` times, is stopped, or has nothing left to do. */
  globalThis.runWorker = function (body, lines, options) {
    var left = options.iterations || 1;
    var stopAt = options.stopAt === undefined ? -1 : options.stopAt;
    var next;
    hooks.load(
      body,
      JSON.stringify({
        sid: 'sid-1',
        nid: 's-0001',
        network: 'testnet',
        workers: 1,
        mode: options.mode || 'loop',
        delayMs: 100,
        logLevel: 'debug',
        startTime: 1,
      }),
      lines,
    );
    hooks.run();
    while (left > 0 && !isStopped) {
      var isBusy = turn();
      if (isStopped) break;
      if (ended !== null) {
        var isOk = ended.ok;
        ended = null;
        left--;
        if (options.configure) hooks.configure(JSON.stringify(options.configure));
        if (left > 0 && !isOk) hooks.run();
        continue;
      }
      if (isBusy || answers.length > 0) continue;
      next = hooks.timers(time);
      if (ended !== null || hooks.drain(50) || answers.length > 0) continue;
      if (stopAt >= 0 && (next < 0 || next > stopAt)) {
        time = Math.max(time, stopAt);
        stopAt = -1;
        say('-- stop at ' + time);
        hooks.stop();
      } else if (next < 0) {
        say('-- nothing left to do');
        break;
      } else if (next > time) {
        time = next;
      }
    }
    say('-- ' + counters + ' at ' + Math.round(time) + ' ms');
  };
})();
