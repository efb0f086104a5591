// Wallets as scripts see them: the node's, whose key never leaves amid, and those a script makes
// itself; the vectors are the network's clients'.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Amid, makeStateFolder } from './harness.js';

const SECRET = '1'.padStart(64, '0');
const ADDRESS = 'gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m';
const SIGNATURE =
  '30450221008f3aacf5acf9adb75ecfc102b87ccca1a1c7fb24cf57a7ac21ece6f0049f3ee5' +
  '0220128cac84b1f6c6001c7c2b2b74bf1bacc69ba44ec8accae2611d205f737769fc';
const HASH = '7abd4fb13781e0466bceb9e182dd34a793bba16f2fb2697f00a7c9054c8095c1';

/** Whether a signature is that of the key, by another implementation. */
function holds(publicKey, text, signature) {
  const point = Buffer.from(
    crypto.ECDH.convertKey(publicKey, 'secp256k1', 'hex', 'hex', 'uncompressed'),
    'hex',
  );
  const key = crypto.createPublicKey({
    key: {
      kty: 'EC',
      crv: 'secp256k1',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
    format: 'jwk',
  });
  return crypto.verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'hex'));
}

describe('wallets of a script', () => {
  let amid;
  before(async () => {
    amid = await Amid.start();
  });
  after(() => amid.stop());

  test('are those of the vectors, at once', async () => {
    const result = await amid.evaluate(`
      const chain = Stels.blockchain;
      const wallet = chain.importWallet('${SECRET}');
      const data = JSON.stringify({ action: 'LOGIN_REQUEST', timestamp: 1760000000000,
        network: 'testnet', walletAddress: wallet.address });
      const now = Date.now;
      Date.now = () => 1760000000000;
      const transaction = chain.createSignedTransaction(wallet, wallet.address, 0, 1, data);
      Date.now = now;
      const full = chain.getUncompressedPublicKey(wallet.publicKey);
      return { wallet, transaction, full,
        valid: chain.validateTransaction(transaction),
        changed: chain.validateTransaction({ ...transaction, amount: 1 }),
        signed: chain.sign('text', wallet.privateKey),
        verified: chain.verify('text', chain.sign('text', wallet.privateKey), full),
        other: chain.verify('text!', chain.sign('text', wallet.privateKey), full),
        domain: chain.signWithDomain('text', wallet.privateKey, ['A', 'b']) ===
          chain.sign('A:b:text', wallet.privateKey),
        addresses: [wallet.address, wallet.address + '1', '', null, 7].map(chain.validateAddress),
        of: [chain.getAddressFromPublicKey(full), chain.verifyPublicKeyAddress(full, wallet.address),
          chain.verifyPublicKeyAddress('04', wallet.address), chain.cardNumber(wallet.address)],
      };`);
    assert.equal(result.wallet.address, ADDRESS);
    assert.equal(result.wallet.number, '0105038477321149');
    assert.equal(result.wallet.privateKey, SECRET);
    assert.equal(result.transaction.hash, HASH);
    assert.equal(result.transaction.signature, SIGNATURE);
    assert.equal(result.transaction.from.publicKey, result.full);
    assert.deepEqual(
      [result.valid, result.changed, result.verified, result.other, result.domain],
      [true, false, true, false, true],
    );
    assert.deepEqual(result.addresses, [true, false, false, false, false]);
    assert.deepEqual(result.of, [ADDRESS, true, false, '0105038477321149']);
    assert.ok(holds(result.full, 'text', result.signed));
  });

  test('that are new differ, and their keys have all digits', async () => {
    const wallets = await amid.evaluate(
      `return Array.from({ length: 600 }, () => Stels.blockchain.createWallet());`,
    );
    assert.equal(new Set(wallets.map((wallet) => wallet.address)).size, 600);
    for (const wallet of wallets) {
      assert.match(wallet.privateKey, /^[0-9a-f]{64}$/);
      assert.match(wallet.publicKey, /^0[23][0-9a-f]{64}$/);
    }
  });

  test('write deterministic JSON like the network', async () => {
    const texts = await amid.evaluate(`
      const text = Stels.blockchain.deterministicStringify;
      return [text({ b: [1, undefined, , 2], a: undefined, '\\uff5e': 1, '\\u{1f600}': 2, 'q"': 1e21 }),
        text('\\ud800/\\u0007'), text(-0), text(NaN), text([]), text(null), text(undefined)];`);
    assert.deepEqual(texts, [
      '{"a":null,"b":[1,,,2],"q"":1e+21,"😀":2,"～":1}',
      '"\\ud800/\\u0007"',
      '0',
      'null',
      '[]',
      'null',
      'null',
    ]);
  });

  test('refuse what is none, and name what is not there', async () => {
    const errors = await amid.evaluate(`
      const chain = Stels.blockchain;
      const one = chain.importWallet('${SECRET}');
      const tries = [
        () => chain.importWallet('00'), () => chain.importWallet('0'.repeat(64)),
        () => chain.importWallet(), () => chain.sign('text', 'no'), () => chain.sign(7, '${SECRET}'),
        () => chain.getAddressFromPublicKey('x'), () => chain.createSignedTransaction(one, 'x', 0, 1),
        () => chain.createSignedTransaction(one, one.address, -1, 1),
        () => chain.createSignedTransaction(one, one.address, 0, 0.5),
        () => chain.createSignedTransaction(null, one.address, 0, 1),
        () => chain.createSmartTransaction(one, []),
      ];
      return tries.map((attempt) => {
        try { attempt(); return null; } catch (error) { return error.name; }
      });`);
    assert.deepEqual(errors, [
      ...Array(7).fill('TypeError'),
      'RangeError',
      'RangeError',
      'TypeError',
      'NotSupported',
    ]);
  });
});

describe('the wallet of the node', () => {
  test('signs for scripts and shows no key', async () => {
    const amid = await Amid.start();
    const result = await amid.evaluate(`
      const wallet = Stels.wallet;
      const text = 'für alle ' + String.fromCodePoint(0x1f600);
      const transaction = await Stels.blockchain.createSignedTransaction(wallet, wallet.address, 5, 1);
      const refused = await wallet.sign(7).catch((error) => error.name);
      let leaked = null;
      try { Stels.blockchain.sign('x', wallet.privateKey); } catch (error) { leaked = error.message; }
      return { text, signature: await wallet.sign(text), keys: Object.keys(wallet), wallet, transaction,
        valid: Stels.blockchain.validateTransaction(transaction), refused, leaked,
        same: wallet === Stels.wallet, secret: typeof wallet.privateKey,
        config: Object.keys(Stels.config) };`);
    const file = path.join(amid.state, 'node.wallet');
    const secret = readFileSync(file, 'utf8').trim();
    assert.match(secret, /^[0-9a-f]{64}$/);
    assert.equal(statSync(file).mode & 0o7777, 0o600);
    assert.deepEqual(result.keys, ['publicKey', 'address', 'number']);
    assert.deepEqual([result.same, result.secret, result.valid], [true, 'undefined', true]);
    assert.equal(result.refused, 'TypeError');
    assert.match(result.leaked, /Stels\.wallet\.sign/);
    assert.ok(!result.config.includes('wallet'));
    assert.ok(holds(result.wallet.publicKey, result.text, result.signature));
    const ecdh = crypto.createECDH('secp256k1');
    ecdh.setPrivateKey(secret, 'hex');
    assert.equal(ecdh.getPublicKey('hex', 'compressed'), result.wallet.publicKey);
    assert.equal(result.transaction.from.address, result.wallet.address);
    const log = amid.log.items.join('\n');
    assert.match(log, new RegExp(`The node has a wallet: address ${result.wallet.address}`));
    assert.ok(!log.includes(secret) && !log.includes(secret.toUpperCase()));
    await amid.stop();
  });

  test('is denied to a worker without the permission, and to one that loses it', async () => {
    const amid = await Amid.start();
    const without = await amid.evaluate(
      `try { return Stels.wallet.address; } catch (error) { return [error.name, error.message]; }`,
      { permissions: { wallet: false } },
    );
    assert.equal(without[0], 'PermissionDenied');
    assert.match(without[1], /wallet/);
    const sid = await amid.runWorker(
      `const { wallet } = Stels;
       logger.info('signed ' + (await wallet.sign('text')).length);
       while ((await Stels.local.get(['go'])).value === null) await Stels.sleep(1);
       const error = await wallet.sign('text').catch((error) => error);
       logger.info('then ' + error.name + ': ' + error.message);
       await Stels.sleep(1e8);`,
    );
    await amid.waitLog(/signed 14\d/);
    await amid.updateWorker(sid, { permissions: { wallet: false } });
    await amid.evaluate(`await Stels.local.set(['go'], true);`);
    await amid.waitLog(/then PermissionDenied: .*wallet/);
    await amid.stop();
  });

  test('is the same after a restart; a file that holds no key stops the start', async () => {
    const state = makeStateFolder();
    const first = await Amid.start({ state });
    const address = await first.evaluate(`return Stels.wallet.address;`);
    await first.stop({ keepState: true });
    const second = await Amid.start({ state });
    assert.equal(await second.evaluate(`return Stels.wallet.address;`), address);
    await second.stop({ keepState: true });
    const file = path.join(state, 'node.wallet');
    for (const text of ['', 'x'.repeat(64), '0'.repeat(64), 'ab', 'a'.repeat(200)]) {
      writeFileSync(file, text);
      const third = new Amid({ state });
      await assert.rejects(third.launch(), /amid ended/);
      await third.ended;
      assert.match(third.log.items.join('\n'), /node wallet: .*node\.wallet/);
      assert.equal(readFileSync(file, 'utf8'), text, 'the file is left alone');
    }
    assert.ok(!readdirSync(state).includes('node.wallet.new'));
    rmSync(state, { recursive: true });
  });
});
