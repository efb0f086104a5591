// Import this first: the program then runs in a network, a mount and a process namespace of its
// own. What it makes there (bridges, links, places of nodes, processes) is nobody else's and goes
// with it, however it ends; nothing outside is named or changed. Needs root, and fails without.
import { spawnSync } from 'node:child_process';

const MARK = 'AMID_CLUSTER_INSIDE';
// The first process of the namespace: a shell waits for orphans, too.
const INIT = 'ip link set lo up || exit 70; "$@"; exit $?';

if (process.env[MARK] === undefined) {
  const unshare = ['unshare', '--net', '--pid', '--mount-proc', '--fork', '--kill-child'];
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status, error } = spawnSync(
    'setpriv',
    ['--pdeathsig', 'KILL', ...unshare, 'sh', '-c', INIT, 'sh', ...self],
    { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } },
  );
  if (status !== 0 && spawnSync(unshare[0], [...unshare.slice(1), 'true']).status !== 0) {
    const needs = 'tests of the cluster need root, with namespaces, setpriv and ip (iproute2)';
    console.error(`${error?.message ?? 'no namespaces here'}: ${needs}`);
  }
  process.exit(status ?? 1);
}
