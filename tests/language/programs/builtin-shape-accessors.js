// accessors: what reflection shows.
const o = [['Map', Map.prototype, 'size'], ['Set', Set.prototype, 'size'], ['RegExp', RegExp.prototype, 'dotAll flags global hasIndices ignoreCase multiline source sticky unicode'], ['Symbol', Symbol.prototype, 'description'], ['Symbol', Symbol.prototype, 'description'], ['Object', Object.prototype, '__proto__']];
for (const [name, p, list] of o) for (const k of list.split(' ')) { const d = Object.getOwnPropertyDescriptor(p, k); console.log(name, k, d ? `${typeof d.get} ${typeof d.set} ${+d.enumerable}${+d.configurable}` : 'missing'); }
