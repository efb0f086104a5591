// race settles as the first of its inputs does; an empty one never.
const ok = (ms, v) => new Promise((r) => setTimeout(r, ms, v));
console.log(await Promise.race([ok(8, 'slow'), ok(2, 'fast'), ok(5, 'mid')]));
console.log(await Promise.race([ok(2, 'timer'), 'plain']));
console.log(await Promise.race([Promise.reject(new Error('r')), 1]).catch((e) => 'rejected ' + e.message));
const never = Promise.race([]);
console.log(await Promise.race([never, ok(3, 'never stays pending')]));
