const blob = new Blob(['bytes'], { type: 'a/b' });
const copy = structuredClone({ blob, list: [blob] });
console.log(copy.blob.size, copy.blob.type, await copy.blob.text(), copy.blob === copy.list[0], copy.blob !== blob, copy.blob instanceof Blob);
const refused = [new WeakMap(), Promise.resolve()];
for (const value of refused) try { structuredClone(value); console.log('copied'); } catch (e) { console.log(e.name); }
