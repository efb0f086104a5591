// The deb is installed, started, used, upgraded and purged in a root of its own; the rpm asks for
// nothing but libc and libsystemd, and its amid starts with and without libcurl; unit, manual pages and
// settings are in order; a real journald shows one worker's lines by field.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { cpSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Amid } from '../integration/harness.js';
import { makeAuthority, makeCertificate } from '../integration/tls.js';
import { ROOT, buildPackages, isRoot, run } from './packages.js';

const needsRoot = { skip: isRoot ? false : 'needs root' };
let deb;
let rpm;
let scratch;

before(() => {
  ({ deb, rpm } = buildPackages());
  scratch = mkdtempSync(path.join(tmpdir(), 'amid-packages-'));
  // mkdtemp makes it private, but what runs below becomes other users.
  run('chmod', ['755', scratch]);
  run('dpkg-deb', ['-x', deb, path.join(scratch, 'tree')]);
});
// Never into what is mounted below it, should an unmount have failed.
after(() => run('rm', ['-rf', '--one-file-system', scratch]));

describe('contents', () => {
  test('programs, unit, settings, manual pages and licences are where they belong', () => {
    for (const [file, mode] of [
      ['usr/sbin/amid', 0o755],
      ['usr/bin/amictl', 0o755],
      ['usr/lib/amid/amid-runner', 0o755],
      ['usr/lib/systemd/system/amid.service', 0o644],
      ['usr/lib/sysusers.d/amid.conf', 0o644],
      ['etc/amid/amid.conf', 0o644],
      ['usr/share/man/man8/amid.8.gz', 0o644],
      ['usr/share/man/man5/amid.conf.5.gz', 0o644],
      ['usr/share/doc/amid/copyright', 0o644],
      ['usr/share/doc/amid/licences/typescript.txt', 0o644],
      ['usr/share/doc/amid/licences/duktape.txt', 0o644],
      ['usr/share/doc/amid/licences/llhttp.txt', 0o644],
    ]) {
      const stat = statSync(path.join(scratch, 'tree', file));
      assert.equal(stat.mode & 0o7777, mode, file);
      assert.ok(stat.size > 0, file);
    }
  });

  test('nothing in it names the machine that built it', () => {
    const found = run('sh', [
      '-c',
      `grep -rlaF "$1" "$2" || true`,
      'sh',
      ROOT + '/',
      path.join(scratch, 'tree'),
    ]);
    assert.equal(found.trim(), '');
  });

  test('the settings file is accepted and changes nothing', () => {
    const amid = path.join(scratch, 'tree/usr/sbin/amid');
    const file = path.join(scratch, 'tree/etc/amid/amid.conf');
    const shown = run(amid, ['--config', file, '--check-config']);
    assert.equal(shown, run(amid, ['--check-config']));
    const all = readFileSync(file, 'utf8').replaceAll(/^;(\w+ = .+)$/gm, '$1');
    const whole = path.join(scratch, 'whole.conf');
    writeFileSync(whole, all);
    const values = (text) => text.replaceAll(/ ;.*$/gm, '');
    assert.equal(values(run(amid, ['--config', whole, '--check-config'])), values(shown));
  });

  test('systemd finds nothing to say about the unit', () => {
    const tree = path.join(scratch, 'tree');
    const text = readFileSync(path.join(tree, 'usr/lib/systemd/system/amid.service'), 'utf8');
    const unit = path.join(scratch, 'amid.service');
    // Not installed here, so the program is where it was unpacked, and its manual page nowhere.
    writeFileSync(unit, text.replace('/usr/sbin/amid', path.join(tree, 'usr/sbin/amid')));
    const said = run('sh', ['-c', 'systemd-analyze verify --man=no "$1" 2>&1', 'sh', unit]);
    assert.equal(
      said
        .split('\n')
        .filter((line) => line.includes('amid'))
        .join('\n'),
      '',
    );
  });
});

describe('rpm', () => {
  test('depends on libc and libsystemd alone, and recommends libcurl', () => {
    const lines = (...what) =>
      run('rpm', ['-qp', ...what, rpm])
        .trim()
        .split('\n');
    const other = lines('--requires').filter(
      (line) =>
        !/^(rpmlib\(|lib(c|m|systemd)\.so|ld-linux|\/bin\/sh|config\(amid\)|rtld\()/.test(line),
    );
    assert.deepEqual(other, []);
    assert.ok(lines('--requires').some((line) => line.startsWith('libsystemd.so')));
    assert.ok(lines('--recommends').includes('libcurl.so.4()(64bit)'));
  });

  test('rpmlint finds no error', () => {
    run('rpmlint', ['--config', path.join(ROOT, 'packaging/rpm/rpmlint.toml'), rpm]);
  });

  describe('unpacked', () => {
    let tree, env, folder, server, port;
    const amidAt = () => path.join(tree, 'usr/sbin/amid');

    before(async () => {
      tree = path.join(scratch, 'rpm-tree');
      mkdirSync(tree);
      run('sh', ['-c', 'cd "$1" && rpm2cpio "$2" | cpio -idm --quiet', 'sh', tree, rpm]);
      folder = makeAuthority();
      server = https.createServer(makeCertificate(folder, ['IP:127.0.0.1']), (request, response) =>
        response.end('answered'),
      );
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      ({ port } = server.address());
      env = {
        LD_LIBRARY_PATH: path.join(tree, 'usr/lib/amid'),
        AMID_NODE_RUNNER: path.join(tree, 'usr/lib/amid/amid-runner'),
        AMID_FETCH_ALLOW: `127.0.0.1:${port}`,
        AMID_FETCH_ALLOW_PRIVATE: `127.0.0.1:${port}`,
        AMID_FETCH_CA_FILE: path.join(folder, 'ca.pem'),
      };
    });
    after(() => {
      server?.close();
      if (folder !== undefined) rmSync(folder, { recursive: true });
    });

    const start = (options) => Amid.start({ command: [amidAt()], debug: false, env, ...options });
    /** What a worker gets from fetch and from WebSocket, each as text. */
    async function outcome(amid) {
      const from = amid.logMark();
      await amid.runWorker(
        `const told = async (promise) => {
           try { return await promise; } catch (error) { return error.name + ': ' + error.message; }
         };
         const socket = () => new Promise((resolve) => {
           const opened = new WebSocket('wss://127.0.0.1:${port}/');
           opened.onerror = (event) => resolve(event.message || 'error');
         });
         const fetched = await told(fetch('https://127.0.0.1:${port}/').then((r) => r.text()));
         const outcome = JSON.stringify({ fetched, socket: await told(socket()) });
         logger.info('outcome ' + encodeURIComponent(outcome));`,
        { mode: 'single' },
      );
      const line = await amid.waitLog(/outcome \S+/, { from });
      return JSON.parse(decodeURIComponent(/outcome (\S+)/.exec(line)[1]));
    }

    test('no symbol of the OpenSSL in it is offered to the one below libcurl', () => {
      const names = run('nm', ['-D', '--defined-only', amidAt()]);
      assert.doesNotMatch(names, /\b(SSL|CRYPTO|EVP|X509|OPENSSL)_/);
      assert.match(run(amidAt(), ['--version'], { env: { ...process.env, ...env } }), /^amid \d/);
    });

    test('a worker fetches over TLS under an authority of the settings', needsRoot, async () => {
      const amid = await start();
      assert.equal((await outcome(amid)).fetched, 'answered');
      await amid.stop();
    });

    test('without libcurl amid starts, says so and runs workers', needsRoot, async () => {
      const library = run('sh', [
        '-c',
        `ldconfig -p | sed -n 's/.*libcurl\\.so\\.4 .*x86-64.* => //p' | head -n 1 | xargs readlink -f`,
      ]).trim();
      assert.match(library, /libcurl\.so/);
      const hide = ['unshare', '-m', '--propagation', 'private', 'sh', '-c'];
      const script = 'mount --bind /dev/null "$0" && exec "$@"';
      const said = run(
        hide[0],
        [...hide.slice(1), `${script} 2>&1`, library, amidAt(), '--check-config'],
        {
          env: { ...process.env, ...env },
        },
      );
      assert.match(said, /amid: there will be no fetch, no WebSocket and no etcd: .*libcurl/);
      const amid = await start({ enter: [...hide, script, library] });
      const from = amid.logMark();
      const { fetched, socket } = await outcome(amid);
      assert.match(
        fetched,
        /^NotSupported: this node has no libcurl to make requests with: .*libcurl/,
      );
      assert.match(socket, /libcurl/);
      await amid.waitLog(/fetch, WebSocket and etcd are not to be had/, { from });
      await outcome(amid);
      const told = amid.log.items.filter((line) => line.includes('are not to be had'));
      assert.equal(told.length, 1, 'said once');
      await amid.stop();
    });
  });
});

describe('deb in a root of its own', needsRoot, () => {
  let root;
  const inRoot = (command, args = []) =>
    run('chroot', [root, command, ...args], { env: CHROOT_ENV });
  const CHROOT_ENV = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    DEBIAN_FRONTEND: 'noninteractive',
    LC_ALL: 'C',
  };

  before(() => {
    root = path.join(scratch, 'root');
    const mirror = run('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages'])
      .split('\n')
      .find((line) => /\/debian\/?$/.test(line));
    assert.ok(mirror, 'apt knows no Debian mirror');
    const needed = run('dpkg-deb', ['-f', deb, 'Depends'])
      .split(',')
      .map((item) =>
        item
          .split('|')[0]
          .replace(/\(.*\)/, '')
          .trim(),
      );
    run('debootstrap', [
      '--variant=minbase',
      `--include=${needed.join(',')}`,
      'bookworm',
      root,
      mirror,
    ]);
    run('mount', ['-t', 'proc', 'proc', path.join(root, 'proc')]);
  });
  after(() => {
    if (existsSync(path.join(root, 'proc/self'))) run('umount', [path.join(root, 'proc')]);
  });

  /** Starts the installed amid as its unit would: as its user, with the packaged settings. */
  function startInstalled() {
    inRoot('install', ['-d', '-m', '700', '-o', 'amid', '-g', 'amid', '/var/lib/amid']);
    return Amid.start({
      command: [
        'chroot',
        '--userspec=amid:amid',
        root,
        '/usr/sbin/amid',
        '--config',
        '/etc/amid/amid.conf',
      ],
      state: path.join(root, 'var/lib/amid'),
      stateInside: '/var/lib/amid',
      debug: false,
      env: { AMID_LOG_LEVEL: 'info' },
    });
  }

  function repack(version) {
    const folder = path.join(scratch, `deb-${version}`);
    run('dpkg-deb', ['-R', deb, folder]);
    const control = path.join(folder, 'DEBIAN/control');
    writeFileSync(
      control,
      readFileSync(control, 'utf8').replace(/^Version:.*$/m, `Version: ${version}`),
    );
    const file = path.join(root, `tmp/amid_${version}.deb`);
    run('dpkg-deb', ['-b', folder, file]);
    return `/tmp/amid_${version}.deb`;
  }

  test('install, start, use, upgrade, purge', async () => {
    cpSync(deb, path.join(root, 'tmp/amid.deb'));
    const said = inRoot('apt-get', ['install', '-y', '--no-install-recommends', '/tmp/amid.deb']);
    assert.match(said, /owner\.token/, 'the message after installation');
    assert.match(inRoot('getent', ['passwd', 'amid']), /^amid:/);
    assert.match(inRoot('getent', ['passwd', 'amid-runner']), /^amid-runner:/);

    let amid = await startInstalled();
    const sid = await amid.runWorker(
      `logger.info('installed worker runs'); await Stels.sleep(1e8);`,
    );
    await amid.waitLog(/installed worker runs/);
    const listed = run('chroot', ['--userspec=amid:amid', root, '/usr/bin/amictl', 'workers'], {
      env: { ...CHROOT_ENV, AMID_URL: `http://127.0.0.1:${amid.port}`, AMID_TOKEN: amid.token },
    });
    assert.match(listed, new RegExp(sid.slice(0, 8)));
    await amid.stop({ keepState: true });

    writeFileSync(path.join(root, 'etc/amid/amid.conf'), '[node]\ntitle = mine\n');
    inRoot('apt-get', ['install', '-y', '-o', 'Dpkg::Options::=--force-confold', repack('99.0.0')]);
    assert.match(readFileSync(path.join(root, 'etc/amid/amid.conf'), 'utf8'), /title = mine/);
    amid = await startInstalled();
    await amid.waitLog(/installed worker runs/);
    assert.equal((await amid.call('listWorkers')).body.length, 1, 'the upgrade kept the worker');
    await amid.stop({ keepState: true });

    inRoot('apt-get', ['remove', '-y', 'amid']);
    assert.ok(existsSync(path.join(root, 'var/lib/amid/amid.db')), 'removal keeps the state');
    assert.ok(!existsSync(path.join(root, 'usr/sbin/amid')));
    inRoot('apt-get', ['purge', '-y', 'amid']);
    for (const left of ['var/lib/amid', 'etc/amid', 'usr/lib/amid', 'usr/share/doc/amid']) {
      assert.ok(!existsSync(path.join(root, left)), `${left} is left after purge`);
    }
  });
});

describe('journald', needsRoot, () => {
  test('one worker’s lines can be filtered by field', async () => {
    const state = path.join(scratch, 'journal-state');
    const journal = path.join(scratch, 'journal');
    mkdirSync(journal);
    // A mount namespace of its own, in which /run is empty and a real journald listens; amid's
    // standard error is connected to it as systemd would.
    const script = `
      set -e
      mount -t tmpfs tmpfs /run
      mkdir -p /run/systemd/journal /run/log/journal
      [ -s /etc/machine-id ] || { echo 0123456789abcdef0123456789abcdef > /run/machine-id
        touch /etc/machine-id; mount --bind /run/machine-id /etc/machine-id; }
      mount --bind "$1" /run/log/journal
      /lib/systemd/systemd-journald &
      journald=$!
      # Its socket is there before it listens.
      until systemd-cat true 2>/dev/null; do kill -0 $journald; sleep 0.02; done
      systemd-cat --identifier=amid sh -c '
        JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$0"' "$2" &
      amid=$!
      trap 'kill -TERM $amid; wait $amid; status=$?; kill $journald; wait $journald; exit $status' TERM
      wait $amid`;
    const amid = new Amid({ state, debug: false });
    const { spawn } = await import('node:child_process');
    const child = spawn(
      'unshare',
      [
        '-m',
        '--propagation',
        'private',
        'sh',
        '-c',
        script,
        'sh',
        journal,
        path.join(ROOT, 'build/bin/amid'),
      ],
      {
        env: {
          PATH: process.env.PATH,
          AMID_NODE_STATE: state,
          AMID_HTTP_LISTEN: '127.0.0.1:0',
          AMID_LOG_LEVEL: 'info',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let noise = '';
    child.stdout.on('data', (text) => (noise += text));
    child.stderr.on('data', (text) => (noise += text));
    const ended = new Promise((resolve) => child.on('close', (code) => resolve(code)));
    const read = (...match) => {
      const text = run('journalctl', ['-D', journal, '-o', 'json', '--no-pager', '-q', ...match]);
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    };
    const waitFor = async (...match) => {
      for (let tries = 0; tries < 3000 && child.exitCode === null; tries++) {
        const found = read(...match);
        if (found.length > 0) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.fail(`the journal never showed ${match.join(' ')}\n${noise}`);
    };
    const [listening] = await waitFor('AMID_EVENT=listening');
    amid.port = Number(/:(\d+)$/.exec(listening.MESSAGE)[1]);
    amid.token = readFileSync(path.join(state, 'owner.token'), 'utf8').trim();
    await amid.waitReady();
    const loud = `logger.info('from one', { size: 3 }); await Stels.sleep(1e8);`;
    const one = await amid.runWorker(loud);
    const two = await amid.runWorker(loud.replace('one', 'two'));
    const ofOne = await waitFor(`WORKER_SID=${one}`, 'PRIORITY=6');
    await waitFor(`WORKER_SID=${two}`, 'PRIORITY=6');
    child.kill('SIGTERM');
    assert.equal(await ended, 0, noise);
    const all = read(`WORKER_SID=${one}`);
    assert.ok(all.some((line) => line.MESSAGE.includes('from one')));
    assert.ok(all.every((line) => !line.MESSAGE.includes('from two')));
    assert.ok(ofOne.length > 0);
    const said = all.find((line) => line.MESSAGE.includes('from one'));
    assert.equal(JSON.parse(said.WORKER_FIELDS).size, 3);
    assert.match(said.WORKER_INSTANCE, /^\d+$/);
  });
});
