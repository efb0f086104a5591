const log = [];
async function f() { try { log.push('try'); await null; return 'ret'; } finally { log.push('fin1'); await null; log.push('fin2'); } }
async function g() { try { throw new Error('t'); } catch (e) { await null; log.push('caught ' + e.message); throw new Error('second'); } finally { await null; log.push('finally'); } }
async function h() { try { return 'try'; } finally { await null; return 'finally wins'; } }
async function k() { for (let i = 0; i < 3; i++) { try { if (i === 1) continue; if (i === 2) break; log.push('b' + i); } finally { await null; log.push('f' + i); } } }
console.log(await f()); try { await g(); } catch (e) { console.log(e.message); } console.log(await h()); await k();
console.log(log.join(' '));
