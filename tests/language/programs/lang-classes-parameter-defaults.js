class P { constructor({ host = 'localhost', port = 80, ...rest } = {}, cb = () => this) { this.host = host; this.port = port; this.rest = rest; this.cb = cb; } }
const p = new P({ port: 8080, x: 1 }); console.log(p.host, p.port, JSON.stringify(p.rest), p.cb() === p, new P().host);
class Q extends P { constructor(opts, extra = opts.host + '!') { super(opts); this.extra = extra; } } console.log(new Q({ host: 'h' }).extra);
