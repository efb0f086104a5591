// What Map and Set refuse.
const tries = [
  () => Map(),
  () => new Map(5),
  () => new Map([1]),
  () => new Map([[1, 2], 'ab', 7]),
  () => Map.prototype.get.call({}, 1),
  () => Set.prototype.add.call(new Map(), 1),
  () => new Map().forEach(5),
  () => Set(),
  () => Object.getOwnPropertyDescriptor(Map.prototype, 'size').get.call([]),
];
for (const t of tries) {
  try {
    t();
    console.log('no error');
  } catch (e) {
    console.log(e.name);
  }
}
console.log(new Map(null).size, new Map(undefined).size, new Set(null).size);
