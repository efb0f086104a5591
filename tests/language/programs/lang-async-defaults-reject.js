function boom() { throw new Error('default'); }
async function f(a = boom()) { return a; }
const g = async ({ x } = null) => x;
const o = { async m(a, b = boom()) { return a; } };
class C { async m([a] = 5) { return a; } static async s(a = boom()) { return a; } }
for (const call of [() => f(), () => f(1), () => g(), () => g({ x: 2 }), () => o.m(1), () => o.m(1, 2), () => new C().m(), () => new C().m([3]), () => C.s()]) {
  let p;
  try { p = call(); } catch (e) { console.log('sync', e.message); continue; }
  try { console.log('ok', await p); } catch (e) { console.log('rejected', e instanceof Error); }
}
console.log(f.length, g.length, o.m.length);
