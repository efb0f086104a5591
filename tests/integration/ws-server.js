// A WebSocket server made by hand: frames as the test wants them, right or wrong.
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export const frame = (opcode, payload, { fin = true, rsv = 0 } = {}) => {
  const data = Buffer.from(payload);
  const head =
    data.length < 126
      ? Buffer.from([0, data.length])
      : data.length < 65536
        ? Buffer.from([0, 126, data.length >> 8, data.length & 255])
        : Buffer.concat([Buffer.from([0, 127, 0, 0, 0, 0]), uint32(data.length)]);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  return Buffer.concat([head, data]);
};

function uint32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

export const closeFrame = (code, reason = '') =>
  frame(8, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));

/** What the other side sends: {opcode, fin, data, masked}. */
export class Peer {
  constructor(socket) {
    this.socket = socket;
    this.pending = Buffer.alloc(0);
    this.frames = [];
    this.waiters = [];
    this.closed = new Promise((resolve) => {
      socket.on('close', resolve);
    });
    socket.on('error', () => {});
    socket.on('data', (data) => {
      this.pending = Buffer.concat([this.pending, data]);
      while (this.takeFrame());
    });
  }

  takeFrame() {
    const { pending } = this;
    if (pending.length < 2) return false;
    let length = pending[1] & 127;
    let at = 2;
    if (length === 126) {
      if (pending.length < 4) return false;
      length = pending.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (pending.length < 10) return false;
      length = Number(pending.readBigUInt64BE(2));
      at = 10;
    }
    const masked = (pending[1] & 128) !== 0;
    const mask = pending.subarray(at, at + 4);
    if (masked) at += 4;
    if (pending.length < at + length) return false;
    const data = Buffer.from(pending.subarray(at, at + length));
    if (masked) data.forEach((byte, i) => (data[i] = byte ^ mask[i % 4]));
    this.pending = pending.subarray(at + length);
    const item = { opcode: pending[0] & 15, fin: pending[0] >> 7 === 1, masked, data };
    const waiter = this.waiters.shift();
    if (waiter !== undefined) waiter(item);
    else this.frames.push(item);
    return true;
  }

  next() {
    if (this.frames.length > 0) return Promise.resolve(this.frames.shift());
    return new Promise((resolve) => {
      this.waiters.push(resolve);
    });
  }

  send(...buffers) {
    this.socket.write(Buffer.concat(buffers));
  }
}

/** Answers upgrades of an http or https server; handlers by path get a Peer and the request. */
export function serveSockets(server, handlers) {
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => {});
    const url = new URL(request.url, 'https://x');
    const accept = createHash('sha1')
      .update(request.headers['sec-websocket-key'] + GUID)
      .digest('base64');
    const protocol = url.searchParams.get('protocol');
    if (url.pathname === '/refused') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const head =
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${url.pathname === '/wrong' ? 'AAAA' : accept}\r\n` +
      (url.pathname === '/extended' ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n' : '') +
      (protocol === null ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`) +
      '\r\n';
    const peer = new Peer(socket);
    const first = handlers[url.pathname]?.(peer, request);
    // What the handler returns comes in one piece with the consent.
    socket.write(
      Buffer.concat([Buffer.from(head), first instanceof Buffer ? first : Buffer.alloc(0)]),
    );
  });
}
