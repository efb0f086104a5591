const log = [];
class A { static x = log.push('x'); static { log.push('block ' + this.x); this.y = 'y'; try { throw new Error('in block'); } catch (e) { log.push(e.message); } } static z = log.push('z ' + A.y); static #p = 3; static { A.get = () => A.#p; } }
console.log(log.join(', '), A.y, A.get());
class B extends A { static { log.push(super.y); } static w = super.y + '!'; }
console.log(log[log.length - 1], B.w);
