// Certificates for servers of the tests, made by openssl for the run: one authority, and a name per server.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const openssl = (folder, ...args) =>
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

/** A folder with ca.pem; the caller removes it. */
export function makeAuthority() {
  const folder = mkdtempSync(path.join(tmpdir(), 'amid-tls-'));
  chmodSync(folder, 0o755);
  openssl(
    folder,
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' '),
    ...'-subj /CN=amid-test-authority -keyout ca.key -out ca.pem'.split(' '),
  );
  chmodSync(path.join(folder, 'ca.pem'), 0o644);
  return folder;
}

/** Key and certificate for names such as "DNS:a.test" and "IP:127.0.0.1", for https.createServer. */
export function makeCertificate(folder, names) {
  openssl(
    folder,
    ...'req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=server'.split(' '),
    ...'-keyout server.key -out server.csr'.split(' '),
  );
  writeFileSync(path.join(folder, 'names'), `subjectAltName=${names.join(',')}\n`);
  openssl(
    folder,
    ...'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2'.split(' '),
    ...'-extfile names -out server.pem'.split(' '),
  );
  return {
    key: readFileSync(path.join(folder, 'server.key')),
    cert: readFileSync(path.join(folder, 'server.pem')),
  };
}
