/** The way from wallets in JavaScript to their arithmetic in C (runner/host_wallet.c). */

/** What the C function is asked for; runner/host_wallet.c has the same list. */
export var CARD = 0;
export var CARD_OF_KEY = 1;
export var SIGN = 2;
export var VERIFY = 3;
export var ADDRESS = 4;
export var HASH = 5;
export var NUMBER = 6;

var host = null;

/** @param {object} functions the host's */
export function setWalletHost(functions) {
  host = functions;
}

/** @returns {*} undefined for a key that is none */
export function askWallet(op, a, b, c) {
  return host.wallet(op, a, b, c);
}

export function randomBytes(count) {
  return host.randomBytes(count);
}
