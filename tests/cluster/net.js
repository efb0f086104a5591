// Places for nodes and etcd members, each a network namespace with two links: `inner` into the
// bridge that carries etcd, which can be cut, and `outer` into one that always works, for what a
// node does to the world. The program's own namespace (inside.js) is the third party of both.
import { spawn, spawnSync } from 'node:child_process';

const INNER = '10.77.0';
const OUTER = '10.78.0';
const HUB = 254;
// A station that nobody is: what is sent there is lost without a word.
const NOBODY = '02:de:ad:00:00:00';

export const HUB_OUTER = `${OUTER}.${HUB}`;

function batch(lines, enter = []) {
  const command = [...enter, 'ip', '-batch', '-'];
  const { status, stderr, error } = spawnSync(command[0], command.slice(1), {
    input: lines.join('\n') + '\n',
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`ip: ${error?.message ?? stderr}\n${lines.join('\n')}`);
}

export class Network {
  static create() {
    const network = new Network();
    network.places = [];
    network.blocked = [];
    batch(
      [
        ['inner', INNER],
        ['outer', OUTER],
      ].flatMap(([name, prefix]) => [
        `link add ${name} type bridge`,
        `link set ${name} up`,
        `addr add ${prefix}.${HUB}/24 dev ${name}`,
      ]),
    );
    return network;
  }

  async addPlace() {
    const number = this.places.length + 1;
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo made; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await new Promise((resolve, reject) => {
      holder.stdout.once('data', resolve);
      holder.once('close', () => reject(new Error('no network namespace')));
    });
    const place = {
      holder,
      number,
      enter: ['nsenter', '--target', String(holder.pid), '--net', '--'],
      address: `${INNER}.${number}`,
      outer: `${OUTER}.${number}`,
      isCut: false,
    };
    batch(
      ['inner', 'outer'].flatMap((name) => [
        `link add ${name}${number} type veth peer name ${name} netns ${holder.pid}`,
        `link set ${name}${number} master ${name} up`,
      ]),
    );
    batch(
      [
        'link set lo up',
        `addr add ${place.address}/24 dev inner`,
        'link set inner up',
        `addr add ${place.outer}/24 dev outer`,
        'link set outer up',
      ],
      place.enter,
    );
    this.places.push(place);
    return place;
  }

  /** Cuts the place off from all the others on `inner`. */
  cut(place) {
    batch([`link set inner${place.number} down`]);
    place.isCut = true;
  }

  uncut(place) {
    batch([`link set inner${place.number} up`]);
    place.isCut = false;
  }

  /** What `from` sends to `to` is lost; the other way still works. */
  block(from, to) {
    const target = `${to.address} dev inner`;
    batch([`neigh replace ${target} lladdr ${NOBODY} nud permanent`], from.enter);
    this.blocked.push([from, to]);
  }

  unblock(from, to) {
    this.blocked = this.blocked.filter(([a, b]) => a !== from || b !== to);
    batch([`neigh del ${to.address} dev inner`], from.enter);
  }

  heal() {
    for (const [from, to] of [...this.blocked]) this.unblock(from, to);
    for (const place of this.places) if (place.isCut) this.uncut(place);
  }

  /** Links first: those of a dead namespace go when the kernel has time, and keep their names. */
  close() {
    const links = this.places.flatMap(({ number }) => [`inner${number}`, `outer${number}`]);
    batch([...links, 'inner', 'outer'].map((link) => `link del ${link}`));
    for (const place of this.places) place.holder.kill('SIGKILL');
  }
}
