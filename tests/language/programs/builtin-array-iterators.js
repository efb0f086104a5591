// keys, values, entries; iterators see later growth; they stay done.
const a = ['x', 'y'];
console.log([...a.keys()].join(), [...a.values()].join(), JSON.stringify([...a.entries()]));
const it = a[Symbol.iterator]();
it.next();
a.push('z');
console.log([...it].join(), JSON.stringify(it.next()));
a.push('w');
console.log(JSON.stringify(it.next()));
console.log(Array.prototype[Symbol.iterator] === Array.prototype.values, Object.prototype.toString.call([].keys()));
console.log([...[, 'h'].entries()].map((e) => e.join(':')).join(' '), [...'né😀'].length);
const proto = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
console.log(typeof proto[Symbol.iterator], proto === Object.getPrototypeOf(Object.getPrototypeOf(new Map().keys())));
for (const [i, v] of a.entries()) if (i < 2) console.log(i, v);
