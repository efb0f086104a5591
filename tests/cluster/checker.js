// Judges what leader workers did, from etcd's own history, from what was acknowledged to them and
// from the effects that arrived. Every rule is one of docs/consistency.md.
//
// Times are Date.now() of one machine, whose clock nobody sets. `at` of a revision is when the
// recorder heard of it, so a term ends no later than its `endAt`. `sent` of an effect is read by
// the script before it asks amid for the effect: amid's look at the deadline comes after it, so
// that no pause or delay can excuse a `sent` that is too late.
const ROUNDING_MS = 50;
// From the start of an effect to its arrival, if nobody was paused.
const TRANSIT_MS = 1500;

/** A time as the trace of a run shows it. */
export const stamp = (at) => String(at % 10_000_000).padStart(7, '0');

/** The revision in a token (20 hex digits: epoch and revision of the seat's creation). */
export function revisionOf(token) {
  return Number(BigInt(`0x${String(token).slice(4)}`));
}

export class Checker {
  constructor({ ttlMs, marginMs }) {
    this.ttlMs = ttlMs;
    this.marginMs = marginMs;
    this.violations = [];
    this.terms = new Map(); // by sid: all terms in order
    this.seats = new Map(); // by sid: the term whose seat exists
    this.runs = new Map(); // by run: what one process of a worker did
    this.newest = new Map(); // by sid: the run that wrote last
    this.lastWrite = new Map(); // by sid: {revision of its term, at}
    this.chains = new Map();
    this.sums = new Map();
    this.latest = new Map(); // by term: the effect that was asked for last
    this.slow = []; // effects that arrived long after they were asked for
    this.pauses = [];
    this.revokes = new Map(); // by lease: when it was asked for
    this.unexpected = []; // {node, at}: what lets amid end its own lease
    this.counts = { revisions: 0, writes: 0, acknowledged: 0, effects: 0, terms: 0 };
    this.apart = { pausedSender: 0 };
  }

  violate(rule, text) {
    this.violations.push(`${rule}: ${text}`);
  }

  /** Everything of one revision, in order of revisions. */
  revision(revision, events, at) {
    this.counts.revisions++;
    const gone = events.filter((event) => event.type === 'DELETE');
    // Writes first: they are judged by the seat that stood before this revision.
    for (const event of events) if (event.type === 'PUT') this.write(revision, event, events, at);
    for (const event of events) {
      const [space, kind, sid] = event.key ?? [];
      if (space !== 'ami' || kind !== 'leader') continue;
      if (event.type === 'PUT') this.beginTerm(revision, sid, event, at);
      else this.endTerm(revision, sid, gone, at);
    }
  }

  beginTerm(revision, sid, event, at) {
    const list = this.terms.get(sid) ?? [];
    const last = list.at(-1);
    if (this.seats.has(sid)) this.violate('seat', `${sid}: written again at ${revision}`);
    if (last !== undefined && revision <= last.revision)
      this.violate('token', `${sid}: ${revision} after ${last.revision}`);
    const node = seatNode(event.value);
    const term = { sid, revision, node, lease: event.lease, startAt: at, endAt: null, how: null };
    list.push(term);
    this.terms.set(sid, list);
    this.seats.set(sid, term);
    this.counts.terms++;
  }

  endTerm(revision, sid, gone, at) {
    const term = this.seats.get(sid);
    if (term === undefined) return;
    this.seats.delete(sid);
    term.endRevision = revision;
    term.endAt = at;
    // A lease that ends takes the node's own key along; a seat that is given up goes alone.
    const isLease = gone.some(({ key }) => key?.[0] === 'ami' && key[1] === 'node');
    term.how = isLease ? 'lease' : 'released';
  }

  write(revision, event, events, at) {
    const record = recordOf(event.value);
    if (record === null) return;
    const { sid, token, run, n, kind } = record;
    this.counts.writes++;
    const seat = this.seats.get(sid);
    const known = revisionOf(token);
    if (seat === undefined || seat.revision !== known)
      this.violate(
        'stale write',
        `${sid}: ${kind} ${run} ${n} at ${revision} with token ${known}, the seat is ${seat?.revision}`,
      );
    const process = this.runOf(sid, run, known);
    if (process.token !== known) this.violate('one term', `${run}: ${process.token} and ${known}`);
    const newest = this.newest.get(sid);
    if (newest !== process) {
      if (process.isOver)
        this.violate('overlap', `${run} wrote at ${revision} after its successor`);
      if (newest !== undefined) newest.isOver = true;
      this.newest.set(sid, process);
    }
    process.firstWriteAt ??= at;
    if (seat !== undefined) seat.firstWriteAt ??= at;
    this.lastWrite.set(sid, { revision: known, at });
    this.match(process, kind, n, 'seen');
    if (kind === 'chain') this.step(this.chains, sid, record.chain, revision, 'chain');
    if (kind === 'sum') this.step(this.sums, sid, totalOf(events, sid), revision, 'sum');
  }

  /** Numbers that grow by one with each accepted write. */
  step(map, sid, value, revision, rule) {
    const before = map.get(sid) ?? 0;
    if (value !== before + 1) this.violate(rule, `${sid}: ${value} after ${before} at ${revision}`);
    map.set(sid, value);
  }

  runOf(sid, run, token) {
    let process = this.runs.get(run);
    if (process === undefined) {
      process = { sid, run, token, isOver: false, open: new Map() };
      this.runs.set(run, process);
    }
    return process;
  }

  /** What was both seen in the history and acknowledged needs no more memory. */
  match(process, kind, n, side) {
    const name = `${kind} ${n}`;
    const other = process.open.get(name);
    if (other === undefined) process.open.set(name, side);
    else if (other !== side) process.open.delete(name);
    else this.violate(side === 'seen' ? 'twice' : 'acknowledged twice', `${process.run} ${name}`);
  }

  acknowledged({ sid, token, run, kind, n }) {
    this.counts.acknowledged++;
    this.match(this.runOf(sid, run, revisionOf(token)), kind, n, 'acknowledged');
  }

  /** {sid, token, run, node, sent, at}: arrived `at`, `sent` read before it was asked for. */
  effect(effect) {
    this.counts.effects++;
    const one = { ...effect, revision: revisionOf(effect.token) };
    const name = `${one.sid} ${one.revision}`;
    const latest = this.latest.get(name);
    if (latest === undefined || latest.sent < one.sent) this.latest.set(name, one);
    if (one.at - one.sent > TRANSIT_MS) this.slow.push(one);
  }

  /** A process group of the node, or a runner of it, stood still. */
  paused(node, from, to) {
    this.pauses.push({ node, from, to });
  }

  revoked(lease, at) {
    this.revokes.set(lease, at);
  }

  /** amid of this node was killed, stopped or started, or its clock was moved. */
  disturbed(node, at) {
    this.unexpected.push({ node, at });
  }

  /**
   * Until when an effect of the term may have been asked for. A seat given up: its process had
   * ended before. A lease that ran out at the server did so at least ttl after the last renewal
   * that amid knows to be confirmed, and amid starts nothing from margin before that. A lease that
   * somebody revoked: amid may not have heard, and goes on as long after its last renewal.
   */
  limitOf(term) {
    const revokedAt = this.revokes.get(term.lease);
    if (revokedAt !== undefined) return revokedAt + this.ttlMs - this.marginMs;
    if (term.how === 'released') return term.endAt;
    const near = ({ node, at }) =>
      node === term.node && at > term.endAt - 2 * this.ttlMs && at < term.endAt + this.ttlMs;
    return this.unexpected.some(near) ? term.endAt : term.endAt - this.marginMs;
  }

  termOf(effect) {
    return this.terms.get(effect.sid)?.find((term) => term.revision === effect.revision);
  }

  judgeEffects() {
    for (const effect of this.latest.values()) {
      const term = this.termOf(effect);
      if (term === undefined) this.violate('effect', `${effect.sid}: token without a seat`);
      else if (term.endAt !== null && effect.sent > this.limitOf(term) + ROUNDING_MS)
        this.violate(
          'effect',
          `${effect.sid}: started ${effect.sent - this.limitOf(term)} ms after the deadline of term ` +
            `${term.revision} of ${term.node} (${term.how}), ${effect.sent - term.endAt} ms after its end at ${stamp(term.endAt)}`,
        );
    }
    for (const effect of this.slow) this.judgeArrival(effect);
  }

  /** Asked for in time and arrived long after: only a pause of the sender is an excuse. */
  judgeArrival(effect) {
    const term = this.termOf(effect);
    if (term === undefined || term.endAt === null) return;
    const next = this.terms.get(effect.sid).find((t) => t.revision > effect.revision);
    if (next?.firstWriteAt === undefined || effect.at <= next.firstWriteAt + TRANSIT_MS) return;
    const isPaused = this.pauses.some(
      ({ node, from, to }) => node === effect.node && from < effect.at && to > effect.sent,
    );
    if (isPaused) this.apart.pausedSender++;
    else
      this.violate(
        'late effect',
        `${effect.sid}: arrived ${effect.at - next.firstWriteAt} ms after the next term had written`,
      );
  }

  finish() {
    for (const { sid, run, open } of this.runs.values())
      for (const [name, side] of open)
        if (side === 'acknowledged')
          this.violate('lost', `${sid}: ${run} ${name} was acknowledged and is not in the history`);
    this.judgeEffects();
    return this.violations;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The record of a leader worker of the fault test in a stored value; null for all else. */
export function recordOf(value) {
  const raw = value === null ? null : parse(value)?.raw;
  return raw?.fault === true ? raw : null;
}

/** The number that was added to in the same revision. */
function totalOf(events, sid) {
  const total = events.find(({ key }) => key[1] === sid && key[2] === 'total');
  return total === undefined ? null : (parse(total.value)?.raw ?? null);
}

function seatNode(value) {
  const seat = parse(value ?? '');
  return seat?.nid ?? null;
}
