// Leaving async iteration early: return, throw, finally with await, yield* delegation.
const log = [];
async function* inner() {
  try {
    yield 1;
    yield 2;
    yield 3;
  } finally {
    await null;
    log.push('inner closed');
  }
}
async function* outer() {
  try {
    yield 0;
    yield* inner();
  } finally {
    log.push('outer closed');
  }
}
for await (const v of outer()) {
  log.push(v);
  if (v === 2) break;
}
const g = outer();
log.push(JSON.stringify(await g.next()), JSON.stringify(await g.next()));
log.push(JSON.stringify(await g.return('r')), JSON.stringify(await g.next()));
const h = inner();
await h.next();
await h.throw(new Error('pushed in')).catch((e) => log.push(e.message));
const unstarted = inner();
log.push(JSON.stringify(await unstarted.return(5)));
const both = outer();
const answers = await Promise.all([both.next(), both.next(), both.next(), both.return('x'), both.next()]);
log.push(answers.map((a) => `${a.value}/${a.done}`).join(' '));
console.log(log.join(' | '));
