// Anything can be thrown and caught; finally runs; rethrow keeps identity.
const log = [];
for (const v of [1, 'text', null, undefined, { a: 1 }, [1, 2], () => 1]) {
  try {
    throw v;
  } catch (e) {
    log.push(e === v);
  }
}
console.log(log.join());
function f() {
  try {
    return 'try';
  } finally {
    log.push('finally');
  }
}
console.log(f(), log.pop());
function g() {
  for (const i of [1, 2, 3]) {
    try {
      if (i === 2) continue;
      if (i === 3) break;
      log.push('body' + i);
    } finally {
      log.push('fin' + i);
    }
  }
  try {
    throw new Error('a');
  } catch {
    return 'caught';
  } finally {
    log.push('last');
  }
}
console.log(g(), log.slice(7).join());
const e = new Error('same');
try {
  try {
    throw e;
  } catch (x) {
    throw x;
  }
} catch (y) {
  console.log(y === e);
}
