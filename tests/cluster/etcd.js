// A real etcd of one or more members for a test: on free ports of the loopback, or each member in
// a place of a Network (net.js). Its data lies in memory, so that a slow disk elects no new leader.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { pause } from '../integration/harness.js';

const MEMORY = '/dev/shm';
const READY_MS = 60_000;
const LOG_LINES = 200;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const base64 = (bytes) => Buffer.from(bytes).toString('base64');

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** One call of the JSON gateway; rejects with the server's message if the answer is no success. */
export function gateway(url, target, body, { timeoutMs = 10_000 } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(
      new URL(target, url),
      { method: 'POST', agent: false, timeout: timeoutMs },
      (incoming) => {
        const pieces = [];
        incoming.on('data', (piece) => pieces.push(piece));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          if (incoming.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`etcd ${target}: ${incoming.statusCode} ${text}`));
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`etcd ${target}: no answer`)));
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}

export class Etcd {
  /**
   * members: how many; places: one of a Network for each, else the loopback; args: more options for
   * every member.
   */
  static async start({ members = 1, places = [], args = [] } = {}) {
    const etcd = new Etcd();
    etcd.folder = mkdtempSync(path.join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'amid-etcd-'));
    etcd.args = args;
    etcd.members = [];
    for (let i = 0; i < members; i++) {
      const place = places[i];
      etcd.members.push({
        name: `m${i}`,
        enter: place?.enter ?? [],
        address: place?.address ?? '127.0.0.1',
        client: place === undefined ? await freePort() : 2379,
        peer: place === undefined ? await freePort() : 2380,
        log: [],
      });
    }
    etcd.urls = etcd.members.map(({ address, client }) => `http://${address}:${client}`);
    for (let i = 0; i < members; i++) etcd.launch(i);
    try {
      await etcd.ready();
    } catch (error) {
      await etcd.stop();
      throw error;
    }
    return etcd;
  }

  launch(i) {
    const member = this.members[i];
    const peer = (m) => `http://${m.address}:${m.peer}`;
    const command = [
      ...member.enter,
      ...['etcd', '--name', member.name, '--data-dir', path.join(this.folder, member.name)],
      ...['--listen-client-urls', this.urls[i], '--advertise-client-urls', this.urls[i]],
      ...['--listen-peer-urls', peer(member), '--initial-advertise-peer-urls', peer(member)],
      ...['--initial-cluster', this.members.map((m) => `${m.name}=${peer(m)}`).join(',')],
      ...['--initial-cluster-token', path.basename(this.folder), '--logger', 'zap'],
      ...this.args,
    ];
    const child = spawn(command[0], command.slice(1), {
      env: { PATH: process.env.PATH, GOMAXPROCS: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (piece) => {
      member.log.push(String(piece));
      if (member.log.length > LOG_LINES) member.log.shift();
    });
    member.child = child;
    member.ended = new Promise((resolve) => child.on('close', resolve));
    child.on('error', (error) => member.log.push(`etcd does not start: ${error.message}`));
  }

  /** Waits until every member, or this one, serves linearizable reads: it knows a leader. */
  async ready(only) {
    const giveUp = Date.now() + READY_MS;
    for (const [i, member] of this.members.entries()) {
      if (only !== undefined && only !== i) continue;
      for (;;) {
        try {
          await this.call('/v3/kv/range', { key: base64('\0') }, { member: i, timeoutMs: 1000 });
          break;
        } catch (error) {
          if (member.child.exitCode !== null || Date.now() > giveUp) {
            const log = member.log.slice(-20).join('');
            throw new Error(`etcd member ${i} is not ready: ${error.message}\n${log}`);
          }
          await sleep(50);
        }
      }
    }
  }

  call(target, body, { member = 0, timeoutMs } = {}) {
    return gateway(this.urls[member], target, body, { timeoutMs });
  }

  signal(i, name) {
    this.members[i].child.kill(name);
  }

  /** SIGKILL; its data stays for restart(i). */
  async kill(i) {
    this.signal(i, 'SIGKILL');
    await this.members[i].ended;
  }

  restart(i) {
    this.launch(i);
  }

  /** Resolves when it stands still. */
  pause(i) {
    return pause(this.members[i].child.pid);
  }

  resume(i) {
    this.signal(i, 'SIGCONT');
  }

  async stop() {
    for (let i = 0; i < this.members.length; i++) await this.kill(i);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
