// etcd's own history, as it was committed: every revision under a prefix once, in order, through
// kills and pauses of members. Also reads amid's keys (common/kv_key.h).
import http from 'node:http';

import { base64, gateway } from './etcd.js';

const RETRY_MS = 100;
const SILENT_MS = 3000;
const STRING = 0x02;
const NUMBER = 0x03;

/** The parts of a key of strings and numbers; null for another one. */
export function decodeKey(bytes) {
  const parts = [];
  let at = 0;
  while (at < bytes.length) {
    const type = bytes[at++];
    if (type === NUMBER) {
      const raw = Buffer.from(bytes.subarray(at, at + 8));
      if (raw[0] & 0x80) raw[0] ^= 0x80;
      else for (let i = 0; i < 8; i++) raw[i] ^= 0xff;
      parts.push(raw.readDoubleBE(0));
      at += 8;
    } else if (type === STRING) {
      const content = [];
      for (; at < bytes.length; at++) {
        if (bytes[at] === 0 && bytes[at + 1] !== 0xff) break;
        content.push(bytes[at]);
        if (bytes[at] === 0) at++;
      }
      at++;
      parts.push(Buffer.from(content).toString('utf8'));
    } else {
      return null;
    }
  }
  return parts;
}

/** A key of plain strings, as amid writes it. */
export function encodeStrings(parts) {
  return Buffer.concat(parts.map((part) => Buffer.from(`\u0002${part}\0`)));
}

function endOf(prefix) {
  const end = Buffer.from(prefix);
  end[end.length - 1]++;
  return end;
}

export class History {
  /**
   * onRevision(revision, events, at): events are {type, key (parts), value (text), create, lease};
   * at is Date.now() when they arrived, which is never before they were committed.
   */
  constructor({ urls, prefix, onRevision }) {
    this.urls = urls;
    this.prefix = Buffer.from(prefix);
    this.onRevision = onRevision;
    this.next = 1;
    this.term = 0;
    this.member = 0;
    this.isStopped = false;
    this.pending = [];
    this.run();
  }

  async run() {
    while (!this.isStopped) {
      await this.watchOnce().catch(() => {});
      this.member = (this.member + 1) % this.urls.length;
      if (!this.isStopped) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Until the stream ends or is silent for longer than progress is promised. */
  watchOnce() {
    return new Promise((resolve, reject) => {
      // A stream of its own asks for the newest revision again and again: a silent member shows.
      const outgoing = http.request(
        new URL('/v3/watch', this.urls[this.member]),
        { method: 'POST', agent: false },
        (incoming) => {
          let rest = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (piece) => {
            rest += piece;
            const lines = rest.split('\n');
            rest = lines.pop();
            for (const line of lines) if (line !== '') this.take(JSON.parse(line).result);
          });
          incoming.on('error', reject);
          incoming.on('end', resolve);
          incoming.on('close', resolve);
        },
      );
      this.outgoing = outgoing;
      outgoing.on('error', reject);
      outgoing.end(
        JSON.stringify({
          create_request: {
            key: base64(this.prefix),
            range_end: base64(endOf(this.prefix)),
            start_revision: String(this.next),
          },
        }),
      );
      const probe = setInterval(() => {
        const url = this.urls[this.member];
        gateway(url, '/v3/kv/range', { key: base64('\0') }, { timeoutMs: SILENT_MS }).then(
          (answer) => this.seen(answer.header),
          () => outgoing.destroy(new Error('silent')),
        );
      }, SILENT_MS);
      outgoing.on('close', () => clearInterval(probe));
    });
  }

  seen(header) {
    this.term = Math.max(this.term, Number(header?.raft_term ?? 0));
  }

  take(result) {
    if (result === undefined) return;
    this.seen(result.header);
    if (result.compact_revision !== undefined && Number(result.compact_revision) > this.next)
      throw new Error(`history was compacted at ${result.compact_revision}, read to ${this.next}`);
    const at = Date.now();
    const groups = new Map();
    for (const { type = 'PUT', kv } of result.events ?? []) {
      const revision = Number(kv.mod_revision);
      if (revision < this.next) continue;
      const bytes = Buffer.from(kv.key, 'base64').subarray(this.prefix.length);
      const group = groups.get(revision) ?? [];
      groups.set(revision, group);
      group.push({
        type,
        key: decodeKey(bytes),
        value: kv.value === undefined ? null : Buffer.from(kv.value, 'base64').toString('utf8'),
        create: Number(kv.create_revision ?? 0),
        lease: kv.lease ?? '0',
      });
    }
    for (const [revision, events] of groups) {
      this.next = revision + 1;
      this.onRevision(revision, events, at);
    }
    this.pending = this.pending.filter((waiter) => !waiter());
  }

  /** Resolves when everything committed before this call has been told. */
  async caughtUp() {
    let last = null;
    for (let i = 0; last === null; i = (i + 1) % this.urls.length) {
      const body = { key: base64(this.prefix), range_end: base64(endOf(this.prefix)) };
      const newest = { ...body, limit: '1', sort_order: 'DESCEND', sort_target: 'MOD' };
      const answer = await gateway(this.urls[i], '/v3/kv/range', newest).catch(() => null);
      if (answer !== null) last = Number(answer.kvs?.[0]?.mod_revision ?? 0);
    }
    if (this.next > last) return;
    await new Promise((resolve) => {
      this.pending.push(() => this.next > last && (resolve(), true));
    });
  }

  stop() {
    this.isStopped = true;
    this.outgoing?.destroy();
  }
}
