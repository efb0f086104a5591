/**
 * `Stels.wallet`, `Stels.blockchain` and the built-in package "gliesereum". Whatever uses keys that the script holds
 * itself happens at once, in this process. What the node signs is a promise: its key is amid's alone.
 */
import { methods, constant } from './install.js';
import { hostCall } from './requests.js';
import { namedError } from './error.js';
import { notSupported } from './absent.js';
import {
  askWallet,
  randomBytes,
  CARD,
  CARD_OF_KEY,
  SIGN,
  VERIFY,
  ADDRESS,
  HASH,
  NUMBER,
} from './wallet.js';

var FROM_MEMBERS = ['publicKey', 'address', 'number'];
var NOT_YET = [
  'getAddress',
  'createSmartTransaction',
  'validateSmartTransaction',
  'validateSmartOperation',
  'calculateSmartTransactionFee',
];
var DATA_MAX_BYTES = 2 * 1024 * 1024;

var stringify = JSON.stringify;
var nodeWallet = null;
var nodeKey = '';

function requireText(value, name) {
  if (typeof value !== 'string') throw new TypeError(name + ' must be a string');
  return value;
}

/** Deterministic JSON: members in order, nothing between, names as they are. */
function deterministic(value) {
  if (value === null || typeof value !== 'object') {
    var text = stringify(value);
    return text === undefined ? 'null' : text;
  }
  if (Array.isArray(value)) {
    return (
      '[' +
      value
        .map(function (item) {
          return item === undefined ? '' : deterministic(item);
        })
        .join(',') +
      ']'
    );
  }
  return (
    '{' +
    Object.keys(value)
      .sort()
      .map(function (name) {
        return '"' + name + '":' + deterministic(value[name]);
      })
      .join(',') +
    '}'
  );
}

function walletOf(card, privateKey) {
  return {
    publicKey: card[2],
    privateKey: privateKey,
    address: card[0],
    biometric: null,
    number: card[1],
  };
}

function importWallet(privateKey) {
  var card = askWallet(CARD, privateKey);
  if (card === undefined) throw new TypeError('a private key is 64 hex digits');
  return walletOf(card, privateKey.toLowerCase());
}

function createWallet() {
  for (;;) {
    var hex = Array.prototype.map
      .call(randomBytes(32), function (byte) {
        return (byte < 16 ? '0' : '') + byte.toString(16);
      })
      .join('');
    var card = askWallet(CARD, hex);
    if (card !== undefined) return walletOf(card, hex);
  }
}

function sign(text, privateKey) {
  var signature = askWallet(SIGN, requireText(text, 'data'), privateKey);
  if (signature === undefined) {
    throw new TypeError(
      'a private key is 64 hex digits; the node keeps its own: Stels.wallet.sign(text)',
    );
  }
  return signature;
}

function verify(text, signature, publicKey) {
  return askWallet(VERIFY, requireText(text, 'data'), signature, publicKey);
}

function cardOfKey(publicKey) {
  var card = askWallet(CARD_OF_KEY, publicKey);
  if (card === undefined) throw new TypeError('a public key is 66 or 130 hex digits');
  return card;
}

function isWhole(number, least) {
  return (
    typeof number === 'number' &&
    number >= least &&
    number <= 9007199254740991 &&
    Math.floor(number) === number
  );
}

/** All but hash and signature. */
function draft(wallet, to, amount, fee, data) {
  var card = cardOfKey(Object(wallet).publicKey);
  if (!askWallet(ADDRESS, to)) throw new TypeError('to must be an address');
  if (!isWhole(amount, 0)) throw new RangeError('amount must be a whole number from 0');
  if (!isWhole(fee, 1)) throw new RangeError('fee must be a whole number from 1');
  if (data === undefined) data = '';
  if (requireText(data, 'data').length > DATA_MAX_BYTES)
    throw new RangeError('data may have 2 MiB');
  return {
    from: { publicKey: card[3], address: card[0], number: card[1] },
    to: to,
    amount: amount,
    fee: fee,
    verified: false,
    validators: [],
    timestamp: Date.now(),
    data: data,
  };
}

function seal(transaction, text, signature) {
  transaction.hash = askWallet(HASH, text);
  transaction.signature = signature;
  return transaction;
}

/** A transaction, or the promise of one when the wallet is the node's. */
function createSignedTransaction(wallet, to, amount, fee, data) {
  var transaction = draft(wallet, to, amount, fee, data);
  var text = deterministic(transaction);
  if (wallet !== nodeWallet) return seal(transaction, text, sign(text, wallet.privateKey));
  return nodeSign(text).then(function (signature) {
    return seal(transaction, text, signature);
  });
}

function hasFrom(from) {
  var card = askWallet(CARD_OF_KEY, Object(from).publicKey);
  return card !== undefined && from.address === card[0] && from.number === card[1];
}

/** True only if every member is what it must be and hash and signature hold. */
function validateTransaction(transaction) {
  if (transaction === null || typeof transaction !== 'object' || !hasFrom(transaction.from)) {
    return false;
  }
  if (!askWallet(ADDRESS, transaction.to) || typeof transaction.data !== 'string') return false;
  if (!isWhole(transaction.amount, 0) || !isWhole(transaction.fee, 1)) return false;
  if (!isWhole(transaction.timestamp, 0)) return false;
  if (transaction.verified !== false || !Array.isArray(transaction.validators)) return false;
  var rest = {};
  Object.keys(transaction).forEach(function (name) {
    if (name !== 'hash' && name !== 'signature') rest[name] = transaction[name];
  });
  var text = deterministic(rest);
  return (
    transaction.hash === askWallet(HASH, text) &&
    verify(text, transaction.signature, transaction.from.publicKey)
  );
}

var members = {
  createWallet: createWallet,
  importWallet: importWallet,
  validateAddress(address) {
    return askWallet(ADDRESS, address);
  },
  cardNumber(text) {
    return askWallet(NUMBER, requireText(text, 'input'));
  },
  getAddressFromPublicKey(publicKey) {
    return cardOfKey(publicKey)[0];
  },
  getUncompressedPublicKey(publicKey) {
    return cardOfKey(publicKey)[3];
  },
  verifyPublicKeyAddress(publicKey, address) {
    var card = askWallet(CARD_OF_KEY, publicKey);
    return card !== undefined && card[0] === address;
  },
  createSignedTransaction: createSignedTransaction,
  validateTransaction: validateTransaction,
  sign: sign,
  verify: verify,
  signWithDomain(text, privateKey, domain) {
    return sign(domain.join(':') + ':' + requireText(text, 'data'), privateKey);
  },
  deterministicStringify: deterministic,
};

function lacks(target, name) {
  target[name] = function () {
    throw notSupported('Stels.blockchain.' + name);
  };
}

function build() {
  NOT_YET.forEach(function (name) {
    lacks(members, name);
  });
  constant(members, Symbol.toStringTag, 'Gliesereum');
  return Object.freeze(members);
}

var blockchain = build();

/** The package "gliesereum", and `Stels.blockchain`. */
export function gliesereum() {
  return blockchain;
}

function nodeSign(text) {
  try {
    requireText(text, 'text');
  } catch (error) {
    return Promise.reject(error);
  }
  return hostCall('WALLET_SIGN', {}, new TextEncoder().encode(text), null);
}

/**
 * `Stels.wallet`: the node's, without its private key.
 * @param {string=} key the node's public key; none if the worker may not use the wallet
 */
export function wallet(key) {
  if (!key) {
    throw namedError(
      'PermissionDenied',
      "the permission wallet is missing: the node's wallet is not for this worker",
    );
  }
  if (nodeWallet !== null && nodeKey === key) return nodeWallet;
  var card = cardOfKey(key);
  var fresh = {};
  methods(fresh, {
    sign: nodeSign,
  });
  [card[2], card[0], card[1]].forEach(function (value, n) {
    Object.defineProperty(fresh, FROM_MEMBERS[n], { value: value, enumerable: true });
  });
  constant(fresh, Symbol.toStringTag, 'Wallet');
  nodeKey = key;
  nodeWallet = Object.freeze(fresh);
  return nodeWallet;
}
