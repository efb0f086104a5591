async function* g() { console.log('start'); const a = yield 'one'; console.log('got', a); const b = yield 'two'; console.log('got', b); return 'end'; }
const it = g();
const all = [it.next('ignored'), it.next('A'), it.next('B'), it.next('C')];
console.log('queued');
console.log(JSON.stringify(await Promise.all(all)));
