// The arithmetic of wallets beside another implementation: canonical texts of random values beside
// JSON.stringify, signatures beside OpenSSL's (through Node), both ways. AMID_WALLET_SEED repeats a
// run, AMID_WALLET_VALUES sets how many random values there are.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import path from 'node:path';
import { test } from 'node:test';

import { BIN } from './harness.js';

const SEED = Number(process.env.AMID_WALLET_SEED ?? Date.now() % 1_000_000);
const VALUES = Number(process.env.AMID_WALLET_VALUES ?? 50_000);

console.log(`wallet algorithms: seed ${SEED}`);

/** xorshift32 */
let state = SEED * 2654435761 + 1 || 1;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);

/** Sends one question per line to wallet-tool; resolves to its answers. */
function ask(questions) {
  return new Promise((resolve, reject) => {
    const tool = spawn(path.join(BIN, 'wallet-tool'), { stdio: ['pipe', 'pipe', 'inherit'] });
    const pieces = [];
    tool.on('error', reject);
    tool.stdin.on('error', reject);
    tool.stdout.on('data', (piece) => pieces.push(piece));
    tool.on('close', (code) => {
      if (code !== 0) return reject(new Error(`wallet-tool ended with ${code}`));
      const lines = Buffer.concat(pieces).toString('utf8').trimEnd().split('\n');
      resolve(lines.map((line) => JSON.parse(line)));
    });
    tool.stdin.end(questions.map((question) => JSON.stringify(question) + '\n').join(''));
  });
}

const bits = new DataView(new ArrayBuffer(8));

function randomNumber() {
  switch (below(8)) {
    case 0:
      return below(1000);
    case 1:
      return -below(2 ** 31) / 1000;
    case 2:
      return below(2 ** 32) * 2 ** 20;
    case 3:
      return 2 ** (below(2098) - 1074); // the edges where two texts are as short
    case 4:
      return Number(`${below(100)}e${below(60) - 30}`);
    case 5:
      return (random() - 0.5) * 10 ** (below(40) - 10);
    default:
      bits.setUint32(0, below(2 ** 32));
      bits.setUint32(4, below(2 ** 32));
      return bits.getFloat64(0);
  }
}

function randomCharacter() {
  switch (below(6)) {
    case 0:
      return String.fromCharCode(1 + below(31));
    case 1:
      return '"\\/\u007f\u2028\ud7ff\ue000\uffff'[below(8)];
    case 2:
      return String.fromCodePoint(0x10000 + below(0x100000));
    case 3:
      return String.fromCharCode(0x80 + below(0xd000));
    default:
      return String.fromCharCode(0x20 + below(0x5f));
  }
}

function randomText(max) {
  return Array.from({ length: below(max) }, randomCharacter).join('');
}

function randomValue(depth) {
  const kind = below(depth > 4 ? 4 : 7);
  if (kind === 0) return randomText(12);
  if (kind === 1) return [null, true, false][below(3)];
  if (kind < 4) return randomNumber();
  if (kind === 4) return Array.from({ length: below(5) }, () => randomValue(depth + 1));
  const members = Array.from({ length: below(6) }, () => [randomText(5), randomValue(depth + 1)]);
  return Object.fromEntries(members);
}

/** The rule itself, in the words of another language. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `"${name}":${canonical(value[name])}`).join(',')}}`;
}

test('canonical texts of random values', async () => {
  const values = Array.from({ length: VALUES }, () => randomValue(0));
  const texts = await ask(values.map((value) => ({ op: 'canonical', value })));
  assert.equal(texts.length, VALUES);
  // What goes through JSON on its way: -0 and infinities are another value on the other side.
  values.forEach((value, n) =>
    assert.equal(texts[n], canonical(JSON.parse(JSON.stringify(value))), `value ${n}`),
  );
});

/** Node's key objects from a secret, by way of ECDH. */
function keysOf(secret) {
  const ecdh = crypto.createECDH('secp256k1');
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const jwk = {
    kty: 'EC',
    crv: 'secp256k1',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  return {
    secret: secret.toString('hex'),
    full: point.toString('hex'),
    compressed: ecdh.getPublicKey('hex', 'compressed'),
    publicKey: crypto.createPublicKey({ key: jwk, format: 'jwk' }),
    privateKey: crypto.createPrivateKey({
      key: { ...jwk, d: secret.toString('base64url') },
      format: 'jwk',
    }),
  };
}

const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest();

/** The card number by big integers. */
function cardNumber(address) {
  const base =
    '0' +
    BigInt('0x' + sha256(address).toString('hex'))
      .toString()
      .slice(0, 14);
  let sum = 0;
  [...base].reverse().forEach((digit, n) => {
    const value = n % 2 === 1 ? Number(digit) * 2 : Number(digit);
    sum += value > 9 ? value - 9 : value;
  });
  return base + ((10 - (sum % 10)) % 10);
}

test('keys, numbers and signatures of 300 wallets, both ways with OpenSSL', async () => {
  const wallets = Array.from({ length: 300 }, (_, n) =>
    keysOf(n === 0 ? Buffer.from('1'.padStart(64, '0'), 'hex') : crypto.randomBytes(32)),
  );
  const texts = wallets.map(() => randomText(60));
  const cards = await ask(wallets.map(({ secret }) => ({ op: 'card', secret })));
  const signatures = await ask(
    wallets.map(({ secret }, n) => ({ op: 'sign', secret, text: texts[n] })),
  );
  const again = await ask(wallets.map(({ secret }, n) => ({ op: 'sign', secret, text: texts[n] })));
  assert.deepEqual(again, signatures, 'the nonce is a function of secret and text');
  const theirs = wallets.map(({ privateKey }, n) =>
    crypto.sign('sha256', Buffer.from(texts[n]), privateKey).toString('hex'),
  );
  const valid = await ask(
    wallets.flatMap(({ full, compressed }, n) => [
      { op: 'verify', key: full, text: texts[n], signature: theirs[n] },
      { op: 'verify', key: compressed, text: texts[n], signature: theirs[n].toUpperCase() },
      { op: 'verify', key: compressed, text: texts[n] + '.', signature: theirs[n] },
      { op: 'address', text: cards[n][0] },
    ]),
  );
  wallets.forEach(({ full, compressed, publicKey }, n) => {
    const [address, number, key, keyFull] = cards[n];
    assert.deepEqual([key, keyFull], [compressed, full]);
    assert.equal(number, cardNumber(address));
    assert.match(address, /^g[1-9A-HJ-NP-Za-km-z]{33}$/);
    const signature = Buffer.from(signatures[n], 'hex');
    assert.ok(crypto.verify('sha256', Buffer.from(texts[n]), publicKey, signature));
    assert.deepEqual(valid.slice(4 * n, 4 * n + 4), [true, true, false, true]);
  });
});

test('transactions that were made hold, and not for another key', async () => {
  const secrets = Array.from({ length: 50 }, () => crypto.randomBytes(32).toString('hex'));
  const cards = await ask(secrets.map((secret) => ({ op: 'card', secret })));
  const made = await ask(
    secrets.map((secret, n) => ({
      op: 'transfer',
      secret,
      to: cards[(n + 1) % cards.length][0],
      amount: below(1e9),
      fee: 1 + below(100),
      timestamp: 1760000000000 + n,
      data: randomText(200),
    })),
  );
  const results = await ask(
    made.flatMap((transaction, n) => [
      { op: 'check', transaction },
      {
        op: 'check',
        transaction: { ...transaction, from: made[(n + 1) % made.length].from },
      },
    ]),
  );
  made.forEach((transaction, n) => {
    const { hash, signature, ...rest } = transaction;
    assert.equal(hash, sha256(canonical(rest)).toString('hex'));
    assert.ok(signature.length >= 136);
    assert.deepEqual(results.slice(2 * n, 2 * n + 2), [null, "hash is not the transaction's"]);
  });
});
