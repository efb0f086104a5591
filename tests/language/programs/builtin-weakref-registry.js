// WeakRef and FinalizationRegistry exist and behave as far as can be seen.
let target = { v: 1 };
const ref = new WeakRef(target);
console.log(ref.deref() === target, ref.deref().v, Object.prototype.toString.call(ref), typeof FinalizationRegistry);
const reg = new FinalizationRegistry(() => {});
console.log(reg.register(target, 'held', target), reg.unregister(target) === true || reg.unregister({}) === false, Object.prototype.toString.call(reg));
for (const f of [() => new WeakRef(1), () => WeakRef({}), () => new FinalizationRegistry(), () => new WeakRef()]) {
  try {
    f();
    console.log('no error');
  } catch (e) {
    console.log(e.name);
  }
}
