const it = (opts) => ({ [Symbol.iterator]() { return { next() { if (opts.nextThrows) throw new Error('next'); return opts.result ?? { value: 1, done: false }; }, return() { if (opts.log) opts.log.push('closed'); if (opts.returnThrows) throw new Error('return'); return opts.ret ?? {}; } }; } });
const t = (f) => { try { f(); console.log('ok'); } catch (e) { console.log(e.name, e.message); } };
const l1 = []; t(() => { for (const x of it({ nextThrows: true, log: l1 })); }); console.log(l1.length);
t(() => { for (const x of it({ returnThrows: true })) break; });
t(() => { for (const x of it({ returnThrows: true })) throw new Error('body wins'); });
t(() => { for (const x of it({ result: 5 })); });
t(() => { for (const x of it({ ret: 5 })) break; });
const l2 = []; t(() => { const [x = (() => { throw new Error('init'); })()] = it({ result: { value: undefined, done: false }, log: l2 }); }); console.log(l2.join());
