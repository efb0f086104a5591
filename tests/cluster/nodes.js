// Nodes of one network on the loopback, for tests of what they agree on. TTL 5 s, the least there is.
import assert from 'node:assert/strict';

import { Amid } from '../integration/harness.js';

export const TTL_S = 5;
export const IDLE = 'await Stels.sleep(1e8);';

export class Nodes {
  constructor(etcd, network) {
    this.etcd = etcd;
    this.network = network;
    this.all = [];
  }

  /** settings: more of AMID_*; options: of Amid.start. */
  async start(nid, settings = {}, options = {}) {
    const amid = await Amid.start({
      ...options,
      env: {
        AMID_NODE_NID: nid,
        AMID_NODE_NETWORK: this.network,
        AMID_CLUSTER_ETCD: this.etcd.urls.join(','),
        AMID_LEADER_TTL_S: String(TTL_S),
        ...settings,
      },
    });
    amid.nid = nid;
    this.all.push(amid);
    await amid.waitLog(/Registered in the cluster/);
    return amid;
  }

  async leadersOf(sid, nodes = this.all) {
    const answers = await Promise.all(
      nodes.map((node) => node.call('getLeaderInfo', { workerId: sid })),
    );
    return answers.map(({ body }) => body);
  }

  /** The node on which the worker runs first, after the marks if there are any. */
  async runsOn(sid, nodes, marks = new Map()) {
    return Promise.any(
      nodes.map(async (node) => {
        await node.waitState(sid, 'running', { from: marks.get(node) ?? 0 });
        return node;
      }),
    );
  }

  marks(nodes = this.all) {
    return new Map(nodes.map((node) => [node, node.mark()]));
  }

  others(node) {
    return this.all.filter((other) => other !== node);
  }

  drop(node) {
    this.all = this.others(node);
  }

  async stopAll() {
    const nodes = this.all;
    this.all = [];
    const ends = await Promise.allSettled(nodes.map((node) => node.stop()));
    for (const node of nodes) if (node.exit === undefined) await node.kill();
    for (const end of ends) assert.equal(end.status, 'fulfilled', String(end.reason));
  }
}

/** Resolves when check() does not throw any more: for what other nodes will answer soon. */
export async function eventually(check) {
  const giveUp = Date.now() + 30_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > giveUp) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
