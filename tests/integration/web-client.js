// A client that asks a node as the existing web client does, written from the contract: it signs in
// with a wallet, keeps the session and the addresses that the answer names, reads logs from a
// fetched stream and holds one WebSocket.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

import { request } from './harness.js';

/** The log panel: splits the stream by hand, as the panel does. */
export class LogView {
  static open(port, session, sid, follow, tls) {
    const view = new LogView();
    const query = follow === undefined ? '' : `&follow=${follow}`;
    return new Promise((resolve, reject) => {
      view.outgoing = (tls ? https : http).get(
        {
          host: '127.0.0.1',
          port,
          path: `/api/worker/logs/stream?sid=${sid}${query}`,
          headers: { 'stels-session': session },
          agent: false,
          ...tls,
        },
        (incoming) => {
          view.read(incoming);
          resolve(view);
        },
      );
      view.outgoing.on('error', (error) => (view.isClosed ? undefined : reject(error)));
    });
  }

  constructor() {
    this.raw = '';
    this.rest = '';
    this.lines = [];
    this.events = [];
    this.waiters = new Set();
  }

  read(incoming) {
    this.status = incoming.statusCode;
    this.headers = incoming.headers;
    incoming.setEncoding('utf8');
    incoming.on('data', (piece) => this.take(piece));
    incoming.on('error', () => {});
    this.ended = new Promise((resolve) => {
      incoming.on('close', resolve);
    });
  }

  take(piece) {
    this.raw += piece;
    const parts = (this.rest + piece).split('\n\n');
    this.rest = parts.pop();
    for (const line of parts.flatMap((part) => part.split('\n'))) {
      this.lines.push(line);
      if (line.startsWith('data: ')) this.events.push(JSON.parse(line.slice(6)));
    }
    for (const look of this.waiters) look();
  }

  until(predicate) {
    return new Promise((resolve) => {
      const look = () => {
        if (!predicate()) return;
        this.waiters.delete(look);
        resolve();
      };
      this.waiters.add(look);
      look();
    });
  }

  text() {
    return this.events.map((event) => event.content ?? '').join('');
  }

  close() {
    this.isClosed = true;
    this.outgoing.destroy();
  }
}

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** One masked frame, as browsers send them. */
export function clientFrame(opcode, payload, { fin = true, masked = true } = {}) {
  const data = Buffer.from(payload);
  const mask = Buffer.from([1, 2, 3, 4]);
  const long = data.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = (masked ? 0x80 : 0) | (long ? 126 : data.length);
  if (long) head.writeUInt16BE(data.length, 2);
  if (!masked) return Buffer.concat([head, data]);
  return Buffer.concat([head, mask, data.map((byte, at) => byte ^ mask[at % 4])]);
}

/**
 * The client's one WebSocket. What it does when the connection ends is what the contract says of
 * the existing client: `outcome` becomes 'wiped', 'reconnects' or 'signed out'.
 */
export class ClientSocket {
  static open(port, { session, protocol = 'webfix', headers = {}, target, tls } = {}) {
    const query = session === undefined ? '/' : `/?session=${encodeURIComponent(session)}`;
    return new Promise((resolve, reject) => {
      const outgoing = (tls ? https : http).request({
        host: '127.0.0.1',
        port,
        path: target ?? query,
        agent: false,
        ...tls,
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': randomBytes(16).toString('base64'),
          ...(protocol === null ? {} : { 'sec-websocket-protocol': protocol }),
          ...headers,
        },
      });
      outgoing.on('upgrade', (incoming, socket, head) => {
        resolve(new ClientSocket(incoming, socket, head));
      });
      outgoing.on('response', (incoming) => {
        incoming.resume();
        resolve({ refused: incoming.statusCode, outcome: 'wiped', headers: incoming.headers });
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  constructor(incoming, socket, head) {
    this.headers = incoming.headers;
    this.socket = socket;
    this.values = [];
    this.pings = 0;
    this.pongs = [];
    this.answersPings = true;
    this.waiters = new Set();
    this.pending = Buffer.alloc(0);
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.outcome ??= 'wiped'; // 1006
        this.isEnded = true;
        this.look();
        resolve();
      });
    });
    socket.on('error', () => {});
    socket.on('data', (data) => this.take(data));
    this.take(head);
  }

  take(data) {
    this.pending = Buffer.concat([this.pending, data]);
    for (;;) {
      if (this.pending.length < 2) return;
      const short = this.pending[1] & 127;
      const at = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.pending.length < at) return;
      const length =
        short < 126 ? short : this.pending.readUIntBE(at === 4 ? 2 : 4, at === 4 ? 2 : 6);
      if (this.pending.length < at + length) return;
      const opcode = this.pending[0] & 15;
      const payload = this.pending.subarray(at, at + length);
      this.pending = this.pending.subarray(at + length);
      this.takeFrame(opcode, payload);
    }
  }

  takeFrame(opcode, payload) {
    if (opcode === TEXT) {
      const message = JSON.parse(payload.toString('utf8'));
      const told = [message.error, message.message].filter((text) => typeof text === 'string');
      if (told.some((text) => /session|expired|invalid|unauthorized/i.test(text))) {
        this.outcome = 'wiped';
      }
      if (message.value !== undefined) this.values.push(message.value);
    } else if (opcode === PING) {
      this.pings++;
      if (this.answersPings) this.send(clientFrame(PONG, payload));
    } else if (opcode === PONG) {
      this.pongs.push(payload.toString('utf8'));
    } else if (opcode === CLOSE) {
      this.code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.reason = payload.subarray(2).toString('utf8');
      this.outcome ??= this.judge();
      this.socket.end(clientFrame(CLOSE, payload.subarray(0, 2)));
    }
    this.look();
  }

  judge() {
    if (this.code === 1000 && /logged out/i.test(this.reason)) return 'signed out';
    if (/expired|invalid/i.test(this.reason)) return 'wiped';
    if (this.code === 1000 && /session/i.test(this.reason)) return 'wiped';
    return 'reconnects';
  }

  look() {
    for (const look of this.waiters) look();
  }

  until(predicate) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!predicate() && !this.isEnded) return;
        this.waiters.delete(look);
        if (predicate()) resolve();
        else reject(new Error(`the socket ended before: ${predicate}`));
      };
      this.waiters.add(look);
      look();
    });
  }

  send(bytes) {
    this.socket.write(bytes);
  }

  say(message) {
    this.send(clientFrame(TEXT, typeof message === 'string' ? message : JSON.stringify(message)));
  }

  /** The two frames that the client sends, and nothing else ever. */
  subscribe() {
    for (const channel of ['sonar', 'runtime']) {
      this.say({ webfix: 'testnet', method: 'subscribe', channel });
    }
  }
}

const splitAddress = (api) => {
  const url = new URL(api);
  return { port: Number(url.port), path: api.slice(url.origin.length) };
};

/** Signs in, keeps what the answer says, and asks as the editor asks. */
export class WebClient {
  /**
   * api: what the user has picked, without a path. localAddress: where he comes from; forwardedFor:
   * what a proxy says of that; tls: options of https.
   */
  constructor(wallet, api, network = 'localnet') {
    this.wallet = wallet;
    this.api = api;
    this.network = network;
  }

  async post(message, headers = {}) {
    const { port, path } = splitAddress(this.api);
    const answer = await request(port, {
      method: 'POST',
      localAddress: this.localAddress,
      tls: this.tls,
      path: path === '' ? '/' : path,
      headers: {
        'content-type': 'application/json',
        origin: 'https://editor.example',
        ...(this.forwardedFor === undefined ? {} : { 'x-forwarded-for': this.forwardedFor }),
        ...headers,
      },
      body: JSON.stringify(message),
    });
    return { ...answer, ok: answer.status >= 200 && answer.status < 300 };
  }

  signInBody(transaction = this.wallet.login({ network: this.network })) {
    return {
      network: this.network,
      title: 'heterogen',
      nid: `gliese_${Date.now()}_abcdefghi`,
      payload: {
        webfix: '1.0',
        method: 'connectionNode',
        params: ['gliesereum'],
        body: {
          transaction,
          walletAddress: this.wallet.address,
          publicKey: this.wallet.publicKey,
        },
      },
      transport: 'websocket',
      connector: { protocols: ['webfix'], socket: 'ws://127.0.0.1:1' },
      api: 'http://127.0.0.1:1',
      developer: true,
    };
  }

  postSignIn(body = this.signInBody()) {
    return this.post({ webfix: '1.0', method: 'connectionNode', params: ['gliesereum'], body });
  }

  async signIn() {
    const answer = await this.postSignIn();
    if (!answer.ok) throw new Error(`Connection failed: ${answer.status} ${answer.text}`);
    this.take(answer.body);
    return answer.body.raw;
  }

  take({ raw }) {
    if (!raw.session || !raw.token) throw new Error('Invalid session response');
    this.session = raw.session;
    this.info = raw.info;
    this.api = raw.info.api;
    this.socketAddress = raw.info.connector.socket;
  }

  postDeveloperRequest(transaction = this.wallet.developerRequest({ network: this.network })) {
    const body = {
      transaction,
      walletAddress: this.wallet.address,
      publicKey: this.wallet.compressed,
    };
    return this.post(
      { webfix: '1.0', method: 'requestDeveloperAccess', params: [], body },
      this.session === undefined ? {} : { 'stels-session': this.session },
    );
  }

  call(method, body = {}) {
    return this.post(
      { webfix: '1.0', method, params: [], body },
      { 'stels-session': this.session },
    );
  }

  openSocket() {
    const { port } = splitAddress(this.socketAddress.replace(/^ws/, 'http'));
    return ClientSocket.open(port, { session: this.session });
  }

  openLogs(sid, follow) {
    return LogView.open(splitAddress(this.api).port, this.session, sid, follow);
  }
}
