/**
 * The global `crypto`: random values, digests, HMAC. The work is done at once in the runner (host_crypto.c); promises
 * are given as the standard has it. Other algorithms reject with NotSupportedError.
 */
import { methods, constant, globalClass, hide } from '../install.js';
import { iterate } from '../iterators.js';
import { Promise } from '../promise.js';
import { DOMException } from '../error.js';
import { NativeBytes } from '../natives.js';
import { webHost } from './host.js';

var MAX_RANDOM_BYTES = 65536;
/** In the order of host_crypto.c; how many bits an HMAC key is made with, and the name in a JWK. */
var HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
var KEY_BITS = [512, 512, 1024, 1024];
var JWK_NAMES = ['HS1', 'HS256', 'HS384', 'HS512'];
/** More than any key of use; a longer one is hashed anyway. */
var MAX_KEY_BITS = 65536;
var USAGES = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'deriveKey',
  'deriveBits',
  'wrapKey',
  'unwrapKey',
];
var INTEGER_KINDS = ['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32'];

function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

function refuse(message, name) {
  return new DOMException(message, name);
}

function unknownAlgorithm() {
  return refuse('Unrecognized algorithm name', 'NotSupportedError');
}

function nameOf(algorithm) {
  var name = isObject(algorithm) ? algorithm.name : algorithm;
  if (name === undefined) throw new TypeError('The "algorithm" argument needs a name');
  return String(name).toUpperCase();
}

function hashOf(algorithm) {
  var at = HASHES.indexOf(nameOf(algorithm));
  if (at < 0) throw unknownAlgorithm();
  return at;
}

function needHmac(algorithm) {
  if (nameOf(algorithm) !== 'HMAC') throw unknownAlgorithm();
}

function hmacHash(algorithm) {
  needHmac(algorithm);
  if (!isObject(algorithm) || algorithm.hash === undefined)
    throw new TypeError("HmacImportParams: 'hash' is required");
  return hashOf(algorithm.hash);
}

function bytesOf(data) {
  if (ArrayBuffer.isView(data))
    return new NativeBytes(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new NativeBytes(data);
  throw new TypeError('The data must be an ArrayBuffer or a view of one');
}

/** The global CryptoKey: scripts only get keys, they do not make them with new. */
export function CryptoKey() {
  throw new TypeError('Illegal constructor');
}

function makeKey(bytes, hash, isExtractable, usages, bits) {
  var key = Object.create(CryptoKey.prototype);
  if (usages.length === 0)
    throw refuse('Usages cannot be empty when importing a secret key.', 'SyntaxError');
  key.__H_key = {
    bytes: bytes,
    hash: hash,
    isExtractable: !!isExtractable,
    usages: usages,
    algorithm: { name: 'HMAC', length: bits, hash: { name: HASHES[hash] } },
  };
  return key;
}

function keyState(key) {
  var state = isObject(key) ? key.__H_key : undefined;
  if (state === undefined)
    throw new TypeError('The "key" argument must be an instance of CryptoKey');
  return state;
}

methods(CryptoKey.prototype, {
  get type() {
    keyState(this);
    return 'secret';
  },
  get extractable() {
    return keyState(this).isExtractable;
  },
  get algorithm() {
    return keyState(this).algorithm;
  },
  get usages() {
    return keyState(this).usages.slice();
  },
});
constant(CryptoKey.prototype, Symbol.toStringTag, 'CryptoKey');

function usagesOf(given) {
  var found = [];
  iterate(given, function (usage) {
    if (USAGES.indexOf(String(usage)) < 0)
      throw new TypeError("'" + String(usage) + "' is not a usage of keys");
    if (usage !== 'sign' && usage !== 'verify')
      throw refuse('Unsupported key usage for an HMAC key', 'SyntaxError');
    if (found.indexOf(usage) < 0) found.push(usage);
  });
  return found.sort();
}

function fromBase64Url(text) {
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1)
    throw refuse('Invalid keyData', 'DataError');
  text = text.replace(/-/g, '+').replace(/_/g, '/');
  return webHost().base64Decode(text + '==='.slice(0, (4 - (text.length % 4)) % 4));
}

function toBase64Url(bytes) {
  return webHost().base64Encode(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** @returns {Uint8Array} the key of a JWK, once all that it says of itself agrees */
function bytesOfJwk(jwk, hash, isExtractable, usages) {
  var bytes;
  if (!isObject(jwk)) throw new TypeError('Invalid keyData: a JWK is an object');
  if (jwk.kty !== 'oct') throw refuse('Invalid JWK "kty" Parameter', 'DataError');
  bytes = fromBase64Url(jwk.k);
  if (jwk.alg !== undefined && jwk.alg !== JWK_NAMES[hash])
    throw refuse('JWK "alg" does not match the requested algorithm', 'DataError');
  if (jwk.use !== undefined && jwk.use !== 'sig')
    throw refuse('Invalid JWK "use" Parameter', 'DataError');
  if (jwk.ext === false && isExtractable)
    throw refuse('JWK "ext" Parameter and extractable mismatch', 'DataError');
  if (jwk.key_ops !== undefined) {
    usages.forEach(function (usage) {
      if (jwk.key_ops.indexOf(usage) < 0)
        throw refuse('Key operations and usage mismatch', 'DataError');
    });
  }
  return bytes;
}

/** @returns {number} how many bits of the bytes are the key */
function bitsOf(bytes, algorithm) {
  var bits = bytes.length * 8;
  var length = algorithm.length;
  if (bits === 0) throw refuse('Zero-length key is not supported', 'DataError');
  if (length === undefined) return bits;
  length = +length;
  if (length === bits) return bits;
  throw refuse('Invalid key length', 'DataError');
}

function importKey(format, data, algorithm, isExtractable, usages) {
  var hash = hmacHash(algorithm);
  var bytes;
  usages = usagesOf(usages);
  if (format === 'raw') bytes = new NativeBytes(bytesOf(data));
  else if (format === 'jwk') bytes = bytesOfJwk(data, hash, isExtractable, usages);
  else throw refuse('Unable to import HMAC key with format ' + String(format), 'NotSupportedError');
  return makeKey(bytes, hash, isExtractable, usages, bitsOf(bytes, algorithm));
}

function exportKey(format, key) {
  var state = keyState(key);
  if (!state.isExtractable) throw refuse('key is not extractable', 'InvalidAccessError');
  if (format === 'raw') return new NativeBytes(state.bytes).buffer;
  if (format !== 'jwk')
    throw refuse('Unable to export HMAC key with format ' + String(format), 'NotSupportedError');
  return {
    key_ops: state.usages.slice(),
    ext: true,
    kty: 'oct',
    k: toBase64Url(state.bytes),
    alg: JWK_NAMES[state.hash],
  };
}

function generateKey(algorithm, isExtractable, usages) {
  var hash = hmacHash(algorithm);
  var bits = algorithm.length === undefined ? KEY_BITS[hash] : +algorithm.length;
  usages = usagesOf(usages);
  if (!(bits > 0 && bits <= MAX_KEY_BITS && bits % 8 === 0))
    throw refuse('Invalid key length', 'OperationError');
  return makeKey(webHost().randomBytes(bits / 8), hash, isExtractable, usages, bits);
}

function keyFor(algorithm, key, usage) {
  var state = keyState(key);
  needHmac(algorithm);
  if (state.usages.indexOf(usage) < 0)
    throw refuse('Unable to use this key to ' + usage, 'InvalidAccessError');
  return state;
}

function mac(state, data) {
  return webHost().hmac(state.hash, state.bytes, bytesOf(data));
}

/** A promised method: what it throws rejects. */
function promised(length, work) {
  return {
    method() {
      try {
        if (arguments.length < length)
          throw new TypeError(
            length + ' arguments required, but only ' + arguments.length + ' present.',
          );
        return Promise.resolve(work.apply(undefined, arguments));
      } catch (error) {
        return Promise.reject(error);
      }
    },
  }.method;
}

function absentWork() {
  throw unknownAlgorithm();
}

var subtleMethods = {
  digest: [
    2,
    function (algorithm, data) {
      return webHost().digest(hashOf(algorithm), bytesOf(data)).buffer;
    },
  ],
  importKey: [5, importKey],
  exportKey: [2, exportKey],
  generateKey: [3, generateKey],
  sign: [
    3,
    function (algorithm, key, data) {
      return mac(keyFor(algorithm, key, 'sign'), data).buffer;
    },
  ],
  verify: [
    4,
    function (algorithm, key, signature, data) {
      return webHost().sameBytes(bytesOf(signature), mac(keyFor(algorithm, key, 'verify'), data));
    },
  ],
  encrypt: [3, absentWork],
  decrypt: [3, absentWork],
  deriveBits: [3, absentWork],
  deriveKey: [5, absentWork],
  wrapKey: [4, absentWork],
  unwrapKey: [7, absentWork],
};

export function SubtleCrypto() {
  throw new TypeError('Illegal constructor');
}
export function Crypto() {
  throw new TypeError('Illegal constructor');
}

function defineSubtle() {
  Object.keys(subtleMethods).forEach(function (name) {
    var method = promised(subtleMethods[name][0], subtleMethods[name][1]);
    constant(method, 'name', name);
    constant(method, 'length', subtleMethods[name][0]);
    hide(SubtleCrypto.prototype, name, method);
  });
  constant(SubtleCrypto.prototype, Symbol.toStringTag, 'SubtleCrypto');
  constant(Crypto.prototype, Symbol.toStringTag, 'Crypto');
}
defineSubtle();

var subtle = Object.create(SubtleCrypto.prototype);

function isIntegerArray(value) {
  var kind;
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return false;
  kind = Object.prototype.toString.call(value).slice(8, -6);
  return INTEGER_KINDS.indexOf(kind) >= 0;
}

methods(Crypto.prototype, {
  get subtle() {
    return subtle;
  },
  getRandomValues(array) {
    if (arguments.length === 0) throw new TypeError('The "typedArray" argument must be specified');
    if (!isIntegerArray(array))
      throw refuse('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
    if (array.byteLength > MAX_RANDOM_BYTES)
      throw refuse('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
    bytesOf(array).set(webHost().randomBytes(array.byteLength));
    return array;
  },
  randomUUID() {
    var bytes = webHost().randomBytes(16);
    var text = '';
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    for (var i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
      text += (bytes[i] + 256).toString(16).slice(1);
    }
    return text;
  },
});

/** @param {object} global */
export function installCrypto(global) {
  globalClass(global, 'Crypto', Crypto, 0);
  globalClass(global, 'SubtleCrypto', SubtleCrypto, 0);
  globalClass(global, 'CryptoKey', CryptoKey, 0);
  hide(global, 'crypto', Object.create(Crypto.prototype));
}
