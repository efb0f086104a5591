// A network of amids on a three-member etcd, every node and member in a place of its own.
import { readFileSync, readdirSync, rmSync } from 'node:fs';

import { Amid, makeStateFolder } from '../integration/harness.js';
import { Etcd } from './etcd.js';
import { HUB_OUTER, Network } from './net.js';

export const NETWORK = 'cluster-test';
export const PREFIX = `amid/${NETWORK}/`;
export { HUB_OUTER };

/** The process and all below it, parents first. */
export function treeOf(root) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

export class Cluster {
  /** ttl: leader.ttl_s; env: more settings of every node; bin: the build to take. */
  static async start({ nodes = 3, members = 3, ttl = 5, env = {}, bin, debug } = {}) {
    const cluster = new Cluster();
    cluster.nodes = [];
    try {
      cluster.network = Network.create();
      const places = [];
      for (let i = 0; i < nodes + members; i++) places.push(await cluster.network.addPlace());
      cluster.memberPlaces = places.slice(nodes);
      cluster.etcd = await Etcd.start({ members, places: cluster.memberPlaces });
      for (let i = 0; i < nodes; i++) {
        const place = places[i];
        const nid = `s-000${i + 1}`;
        const options = {
          state: makeStateFolder(),
          host: place.outer,
          ...(bin === undefined ? {} : { bin }),
          ...(debug === undefined ? {} : { debug }),
          enter: place.enter,
          env: {
            AMID_NODE_NID: nid,
            AMID_NODE_NETWORK: NETWORK,
            AMID_HTTP_LISTEN: `${place.outer}:3000`,
            AMID_HTTP_INSECURE: 'yes',
            AMID_CLUSTER_ETCD: cluster.etcd.urls.join(','),
            AMID_LEADER_TTL_S: String(ttl),
            AMID_LEADER_RENEW_S: String(Math.max(1, Math.floor(ttl / 3))),
            AMID_FETCH_ALLOW: HUB_OUTER,
            AMID_FETCH_ALLOW_PRIVATE: HUB_OUTER,
            ...env,
          },
        };
        cluster.nodes.push({ index: i, nid, place, options, amid: null });
      }
      await Promise.all(cluster.nodes.map((node) => cluster.launch(node.index)));
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** Starts a node, again on its old state; ready false: it may be cut off from etcd. */
  async launch(i, { ready = true } = {}) {
    const node = this.nodes[i];
    node.amid = await Amid.start({ ...node.options, ready });
    return node.amid;
  }

  async crash(i) {
    await this.nodes[i].amid.crash();
  }

  /** As an operator stops it; throws if it does not end well. */
  async stop(i) {
    await this.nodes[i].amid.stop({ keepState: true });
  }

  /** Signals amid of this node, or with `all` everything below it, too. */
  signal(i, name, { all = false } = {}) {
    const { pid } = this.nodes[i].amid;
    for (const one of all ? treeOf(pid) : [pid]) {
      try {
        process.kill(one, name);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
  }

  /** Ends everything without asking for good manners; for those see stop(). */
  async close() {
    for (const { amid, options } of this.nodes) {
      await amid?.kill();
      rmSync(options.state, { recursive: true, force: true });
    }
    await this.etcd?.stop();
    this.network?.close();
  }
}
