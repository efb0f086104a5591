/** Members of Deno that amid lacks, by name. */

var LACKING = (
  'AtomicOperation ChildProcess Command Conn DatagramConn File FsFile FsWatcher HttpClient HttpConn HttpServer Kv ' +
  'KvListIterator KvU64 Listener PermissionStatus Permissions Process QuicEndpoint TlsConn TlsListener UnixConn ' +
  'UnsafeCallback UnsafeFnPointer UnsafePointer UnsafePointerView UnsafeWindowSurface bench chdir chmod chmodSync ' +
  'chown chownSync close connect connectQuic connectTls consoleSize copy create createHttpClient createSync cron ' +
  'customInspect dlopen execPath exitCode fdatasync fdatasyncSync flock flockSync fstat fstatSync fsync fsyncSync ' +
  'ftruncate ftruncateSync funlock funlockSync futime futimeSync gid iter iterSync jupyter kill link linkSync ' +
  'lint listen listenDatagram listenTls makeTempDir makeTempDirSync makeTempFile makeTempFileSync networkInterfaces open openKv openSync osRelease ' +
  'osUptime ppid read readAll readAllSync readLink readLinkSync readSync realPath realPathSync resolveDns resources run seek ' +
  'seekSync serveHttp setRaw shutdown sleepSync spawn spawnAndWait spawnChild spawnSync startTls stderr ' +
  'stdin stdout symlink symlinkSync systemCpuInfo systemMemoryInfo telemetry test uid umask upgradeHttp ' +
  'upgradeHttpRaw upgradeWebSocket utime utimeSync watchFs webgpu write writeAll writeAllSync writeSync'
).split(' ');

/** Blocking members of Deno that have a counterpart here which does not block. */
var BLOCKING =
  /^(readTextFile|writeTextFile|readFile|writeFile|readDir|stat|lstat|remove|mkdir|rename|copyFile|truncate)Sync$/;

/** @returns {boolean} whether Deno has a member of that name */
export function isLacking(name) {
  return LACKING.indexOf(name) >= 0;
}

/** @returns {?string} what to use instead of a member that blocks; null for any other */
export function asyncNameOf(name) {
  var found = BLOCKING.exec(name);
  return found === null ? null : found[1];
}
