/** Time since the worker was loaded, from the runner's own clock (RULES 27). */
import { methods, hide } from './install.js';

var host = null;
/** When the worker was loaded, on the monotonic clock and on the wall's. */
var began = 0;
var origin = 0;

export function sinceBegin() {
  return host.mono() - began;
}

/** The worker is loaded now. */
export function beginTime() {
  began = host.mono();
  origin = host.now();
}

/** @param {object} global; @param {object} functions the host's */
export function installPerformance(global, functions) {
  var performance = {};
  host = functions;
  methods(performance, {
    now: sinceBegin,
    get timeOrigin() {
      return origin;
    },
  });
  hide(global, 'performance', performance);
}
