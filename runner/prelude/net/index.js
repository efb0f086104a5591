/** What reaches other machines: fetch and WebSocket, both text until a script uses them. */
import { lazyGlobals, lazyMethods } from '../lazy.js';
import loadFetch from './fetch.js?lazy';
import loadWebSocket from './web-socket.js?lazy';

/** @param {object} global */
export function installNet(global) {
  lazyMethods(global, loadFetch, { fetch: 1 });
  lazyGlobals(
    global,
    ['WebSocket'],
    {
      install() {
        loadWebSocket().installWebSocket(global);
      },
    }.install,
  );
}
