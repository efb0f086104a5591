// What goes wrong when, from a seed alone: the same seed gives the same schedule. Which node leads a
// worker at that moment is the run's own; the schedule says "the leader of worker 2".
const STORM_MS = 14_000;
const GAP_MS = [300, 1500]; // between two faults of a storm
const PAUSE_MS = [0, 12_000];

export const WORKERS = 4;
export const NODES = 3;
export const MEMBERS = 3;

/** Numbers from a seed (mulberry32). */
export function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    below: (n) => Math.floor(next() * n),
    between: ([from, to]) => Math.floor(from + next() * (to - from)),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

const KINDS = {
  killNode: (r) => ({ node: r.below(NODES), ms: r.between([300, 5000]) }),
  killLeader: (r) => ({ worker: r.below(WORKERS), ms: r.between([300, 5000]) }),
  pauseNode: (r) => ({ node: r.below(NODES), ms: r.between(PAUSE_MS) }),
  pauseLeader: (r) => ({ worker: r.below(WORKERS), ms: r.between(PAUSE_MS) }),
  pauseMachine: (r) => ({ worker: r.below(WORKERS), ms: r.between(PAUSE_MS) }),
  pauseRunner: (r) => ({ worker: r.below(WORKERS), ms: r.between(PAUSE_MS) }),
  cutNode: (r) => ({ node: r.below(NODES), ms: r.between([500, 12_000]) }),
  cutLeader: (r) => ({ worker: r.below(WORKERS), ms: r.between([500, 12_000]) }),
  muteLeader: (r) => ({ worker: r.below(WORKERS), ms: r.between([500, 12_000]) }),
  deafLeader: (r) => ({ worker: r.below(WORKERS), ms: r.between([500, 12_000]) }),
  cutMember: (r) => ({ member: r.below(MEMBERS), ms: r.between([500, 8000]) }),
  killMember: (r) => ({ member: r.below(MEMBERS), ms: r.between([300, 5000]) }),
  pauseMember: (r) => ({ member: r.below(MEMBERS), ms: r.between([500, 8000]) }),
  revoke: (r) => ({ worker: r.below(WORKERS) }),
  stepReal: (r) => ({ node: r.below(NODES), ms: r.between([-86_400_000, 86_400_000]) }),
  suspend: (r) => ({ worker: r.below(WORKERS), ms: r.between([500, 20_000]) }),
  restartWorker: (r) => ({ worker: r.below(WORKERS), node: r.below(NODES) }),
  changeWorker: (r) => ({
    ...{ worker: r.below(WORKERS), node: r.below(NODES), variant: r.below(2) },
  }),
  stopWorker: (r) => ({ worker: r.below(WORKERS), node: r.below(NODES), ms: r.between([0, 2000]) }),
  compact: () => ({}),
};

function storm(random) {
  const actions = [];
  const kinds = Object.keys(KINDS);
  for (let at = 0; at < STORM_MS - 1000; at += random.between(GAP_MS)) {
    const kind = random.pick(kinds);
    actions.push({ at, kind, ...KINDS[kind](random) });
  }
  return { kind: 'storm', ms: STORM_MS, actions };
}

/** An endless list of rounds: one crash alone, a storm, one clean stop alone; isCalm: no storms. */
export function* roundsOf(seed, { isCalm = false } = {}) {
  const random = randomOf(seed);
  for (;;) {
    yield { kind: 'crash', worker: random.below(WORKERS), isBackAtOnce: random.below(2) === 1 };
    if (!isCalm) yield storm(random);
    yield { kind: 'handover', worker: random.below(WORKERS) };
  }
}
