// A client that asks a node as the existing web client does, written from the contract: it signs in
// with a wallet, keeps the session and the addresses that the answer names, reads logs from a
// fetched stream and holds one WebSocket.
import http from 'node:http';

/** The log panel: splits the stream by hand, as the panel does. */
export class LogView {
  static open(port, session, sid, follow) {
    const view = new LogView();
    const query = follow === undefined ? '' : `&follow=${follow}`;
    return new Promise((resolve, reject) => {
      view.outgoing = http.get(
        {
          host: '127.0.0.1',
          port,
          path: `/api/worker/logs/stream?sid=${sid}${query}`,
          headers: { 'stels-session': session },
          agent: false,
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
