/** What reaches other machines: fetch and WebSocket, both text until a script uses them. */
import { lazyMethods } from '../lazy.js';
import loadFetch from './fetch.js?lazy';

/** @param {object} global */
export function installNet(global) {
  lazyMethods(global, loadFetch, { fetch: 1 });
}
