// Wallets of the network as the web client makes and uses them, with Node's crypto: secp256k1,
// addresses, canonical text, transactions.
import { createHash, createPrivateKey, ECDH, sign } from 'node:crypto';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const ORDER = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const sha256 = (data) => createHash('sha256').update(data).digest();

function base58(bytes) {
  let number = BigInt('0x' + bytes.toString('hex'));
  let text = '';
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text;
  return text;
}

/** The 16 digits that go with an address. */
function cardNumber(address) {
  const digits = BigInt('0x' + sha256(address).toString('hex')).toString();
  const base = '0' + digits.slice(0, 14);
  const sum = [...base].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return base + ((10 - (sum % 10)) % 10);
}

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `"${name}":${canonical(value[name])}`).join(',')}}`;
}

const toHex32 = (number) => number.toString(16).padStart(64, '0');
const derInteger = (hex) => {
  const bytes = Buffer.from(hex.replace(/^(00)+(?=..)/, ''), 'hex');
  const value = bytes[0] & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([2, value.length]), value]);
};

export class Wallet {
  /** secret: 64 hex digits. */
  constructor(secret) {
    const ecdh = new ECDH('secp256k1');
    ecdh.setPrivateKey(secret, 'hex');
    this.publicKey = ecdh.getPublicKey('hex');
    this.compressed = ecdh.getPublicKey('hex', 'compressed');
    this.address = this.makeAddress();
    this.number = cardNumber(this.address);
    const sec1 = Buffer.from(
      `30740201010420${secret}a00706052b8104000aa144034200${this.publicKey}`,
      'hex',
    );
    this.key = createPrivateKey({ key: sec1, format: 'der', type: 'sec1' });
  }

  makeAddress() {
    const inner = createHash('ripemd160')
      .update(sha256(Buffer.from(this.compressed, 'hex')))
      .digest();
    const body = Buffer.concat([Buffer.from([0x62]), inner]);
    return base58(Buffer.concat([body, sha256(body).subarray(0, 4)]));
  }

  /** DER in hex; of the two signatures that hold the one with the lower s, or the other. */
  sign(text, { high = false } = {}) {
    const raw = sign('sha256', Buffer.from(text), { key: this.key, dsaEncoding: 'ieee-p1363' });
    let s = BigInt('0x' + raw.subarray(32).toString('hex'));
    if (s > ORDER / 2n !== high) s = ORDER - s;
    const body = Buffer.concat([
      derInteger(raw.subarray(0, 32).toString('hex')),
      derInteger(toHex32(s)),
    ]);
    return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('hex');
  }

  /** changes: members of the transaction that a test wants otherwise; they are signed, too. */
  transaction(data, changes = {}, { high = false } = {}) {
    const unsigned = {
      from: { publicKey: this.publicKey, address: this.address, number: this.number },
      to: this.address,
      amount: 0,
      fee: 1,
      verified: false,
      validators: [],
      timestamp: data.timestamp,
      data: JSON.stringify(data),
      ...changes,
    };
    const text = canonical(unsigned);
    return {
      ...unsigned,
      hash: sha256(text).toString('hex'),
      signature: this.sign(text, { high }),
    };
  }

  login({ network = 'localnet', timestamp = Date.now(), data = {}, changes, high } = {}) {
    return this.transaction(
      { action: 'LOGIN_REQUEST', timestamp, network, walletAddress: this.address, ...data },
      changes,
      { high },
    );
  }

  developerRequest({ network = 'localnet', timestamp = Date.now() } = {}) {
    return this.transaction({
      action: 'DEVELOPER_REQUEST',
      timestamp,
      network,
      walletAddress: this.address,
    });
  }
}
