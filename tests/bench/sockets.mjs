// What an open, silent WebSocket of a script costs amid and its runner, over plain TCP to a server in this process:
// private memory with WORKERS × SOCKETS open, less that with one open in each worker, a socket: what is loaded and
// allocated once is no socket's.
//   node tests/bench/sockets.mjs
import http from 'node:http';

import { frame, serveSockets } from '../integration/ws-server.js';
import { memoryOf, report, startNode, until } from './node.mjs';

const WORKERS = 8;
const SOCKETS = 60; // 64 connections are what a worker may have

const open = new Set();
async function hold(peer) {
  open.add(peer);
  const { data } = await peer.next(); // nothing but the close is ever sent
  peer.send(frame(8, data));
  peer.socket.end();
  open.delete(peer);
}

const server = http.createServer();
serveSockets(server, {
  '/': (peer) => void hold(peer),
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `ws://127.0.0.1:${server.address().port}/`;

const SCRIPT = `
const sockets = [];
while (true) {
  const wanted = (await Stels.local.get(['wanted'])).value?.raw ?? 0;
  while (sockets.length < wanted) {
    const socket = new WebSocket('${url}');
    await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
    sockets.push(socket);
  }
  await Stels.sleep(200);
}`;

const node = await startNode({
  AMID_FETCH_ALLOW: '127.0.0.1',
  AMID_FETCH_ALLOW_PRIVATE: '127.0.0.1',
  AMID_FETCH_WEB_SOCKETS: String(SOCKETS),
});
try {
  for (let i = 0; i < WORKERS; i++) await node.runWorker(SCRIPT);
  const want = async (count) => {
    await node.runWorker(
      `await Stels.local.set(['wanted'], ${count}); logger.info('wanted ${count}');`,
      { mode: 'single' },
    );
    await until(() => open.size === WORKERS * count);
    // The scripts, and what they gave back, come to rest.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const { workers } = await node.stats();
    const pids = workers.filter((row) => row.mode === 'loop').map((row) => row.pid);
    return {
      amid: memoryOf(node.pid).privateKib,
      runner: pids.reduce((sum, pid) => sum + memoryOf(pid).privateKib, 0),
    };
  };
  const one = await want(1);
  const all = await want(SOCKETS);
  const more = WORKERS * (SOCKETS - 1);
  report('memory of an open WebSocket, in amid', (all.amid - one.amid) / more, 'KiB');
  report('memory of an open WebSocket, in its runner', (all.runner - one.runner) / more, 'KiB');
} finally {
  await node.stop();
  server.close();
  server.closeAllConnections();
}
