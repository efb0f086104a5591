// Built-ins are not enumerable and have the names and lengths of the standard.
const checks = [[Array.prototype, 'at flat flatMap includes find findIndex findLast findLastIndex fill copyWithin entries keys values sort'], [String.prototype, 'at padStart padEnd trimStart matchAll replaceAll normalize replace split match search'], [Object, 'assign entries values fromEntries hasOwn getOwnPropertyDescriptors'], [Map.prototype, 'get set has delete clear forEach keys values entries'], [Set.prototype, 'add has delete clear forEach values entries'], [Promise, 'all allSettled any race resolve reject'], [Number.prototype, 'toString toFixed'], [Math, 'trunc sinh cosh tanh expm1 log1p fround cbrt hypot'], [JSON, 'parse stringify'], [Reflect, 'get set construct apply'], [WeakMap.prototype, 'get set has delete'], [Array, 'from of isArray']];
for (const [o, names] of checks) {
  console.log(
    names
      .split(' ')
      .map((n) => `${o[n].name}/${o[n].length}/${Object.getOwnPropertyDescriptor(o, n).enumerable ? 'E' : ''}${'prototype' in o[n] ? 'P' : ''}`)
      .join(' '),
  );
}
for (const k in []) console.log('enumerable', k);
for (const k in {}) console.log('enumerable', k);
for (const k in 'a') console.log(k);
console.log([Map, Set, WeakMap, Promise, Error, TypeError, Date, Array, Symbol].map((c) => c.name + c.length).join());
