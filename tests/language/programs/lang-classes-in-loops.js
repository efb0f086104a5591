const made = [];
for (let i = 0; i < 3; i++) { class K { #id = i; static tag = 'k' + i; get id() { return this.#id; } same(o) { return #id in o; } } made.push(K); }
console.log(made.map((K) => new K().id + K.tag).join(), new made[0]().same(new made[0]()), new made[0]().same(new made[1]()));
for (const name of ['p', 'q']) { const C = class { [name]() { return name; } }; made.push(new C()[name]()); }
console.log(made.slice(3).join());
