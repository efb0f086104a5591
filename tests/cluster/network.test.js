// The harness itself: that its partitions are real, and whole again afterwards.
import './inside.js';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Etcd, base64 } from './etcd.js';
import { Network } from './net.js';

let network;
let etcd;

before(async () => {
  network = Network.create();
  const places = [];
  for (let i = 0; i < 3; i++) places.push(await network.addPlace());
  etcd = await Etcd.start({ members: 3, places });
});

after(async () => {
  await etcd?.stop();
  network?.close();
});

const write = (member, timeoutMs) =>
  etcd.call('/v3/kv/put', { key: base64('k'), value: base64('v') }, { member, timeoutMs });

test('a member that is cut off accepts no write, the others do; healed, it does again', async () => {
  network.cut(network.places[0]);
  await assert.rejects(write(0, 500));
  await etcd.ready(1);
  await write(1);
  network.heal();
  await etcd.ready(0);
  await write(0);
});

test('a member whose words are lost, though it hears all, accepts no write', async () => {
  const [mute, ...others] = network.places;
  for (const other of others) network.block(mute, other);
  await assert.rejects(write(0, 500));
  await etcd.ready(1);
  await write(1);
  network.heal();
  await etcd.ready(0);
  await write(0);
});

test('a killed member comes back with its data, a paused one goes on', async () => {
  await etcd.kill(2);
  await etcd.ready(1);
  await write(1);
  etcd.restart(2);
  await etcd.ready(2);
  await etcd.pause(1);
  await assert.rejects(write(1, 300));
  etcd.resume(1);
  await etcd.ready(1);
  await write(1);
});
