const target = new EventTarget();
const seen = [];
const plain = (e) => seen.push(`plain ${e.type} ${e.target === target} ${e.currentTarget === target} ${e.eventPhase}`);
const object = { handleEvent(e) { seen.push(`object ${this === object} ${e.type}`); } };
target.addEventListener('x', plain);
target.addEventListener('x', plain);
target.addEventListener('x', object);
target.addEventListener('x', function () { seen.push(`this ${this === target}`); }, { once: true });
const event = new Event('x');
console.log(target.dispatchEvent(event), event.currentTarget === null, event.target === target, event.eventPhase);
target.dispatchEvent(new Event('x'));
target.removeEventListener('x', plain);
target.removeEventListener('x', object);
target.dispatchEvent(new Event('x'));
console.log(seen.join('\n'));
const c = new Event('c', { cancelable: true, bubbles: true, composed: true });
target.addEventListener('c', (e) => e.preventDefault());
console.log(target.dispatchEvent(c), c.defaultPrevented, c.returnValue, c.bubbles, c.cancelable, c.composed);
const n = new Event('c');
console.log(target.dispatchEvent(n), n.defaultPrevented);
const order = [];
target.addEventListener('s', () => order.push(1));
target.addEventListener('s', (e) => { order.push(2); e.stopImmediatePropagation(); });
target.addEventListener('s', () => order.push(3));
target.dispatchEvent(new Event('s'));
console.log(order.join());
const during = [];
target.addEventListener('d', () => {
  during.push('first');
  target.removeEventListener('d', second);
  target.addEventListener('d', third);
});
const second = () => during.push('second');
const third = () => during.push('third');
target.addEventListener('d', second);
target.dispatchEvent(new Event('d'));
console.log(during.join());
target.dispatchEvent(new Event('d'));
console.log(during.join());
const stop = new AbortController();
let count = 0;
target.addEventListener('a', () => count++, { signal: stop.signal });
target.dispatchEvent(new Event('a'));
stop.abort();
target.dispatchEvent(new Event('a'));
target.addEventListener('a', () => count++, { signal: stop.signal });
target.dispatchEvent(new Event('a'));
console.log(count);
class Own extends EventTarget {
  constructor() { super(); this.x = 1; }
  go() { return this.dispatchEvent(new OwnEvent('own', 42)); }
}
class OwnEvent extends Event {
  #v;
  constructor(type, v) { super(type, { cancelable: true }); this.#v = v; }
  get value() { return this.#v; }
}
const own = new Own();
own.addEventListener('own', (e) => { console.log('own', e.value, e instanceof OwnEvent, e instanceof Event); e.preventDefault(); });
console.log(own.go(), own.x, own instanceof EventTarget);
for (const bad of [() => new Event(), () => target.dispatchEvent({}), () => target.dispatchEvent(), () => target.addEventListener('x'), () => Event('x'), () => EventTarget(), () => target.addEventListener('x', 5), () => EventTarget.prototype.dispatchEvent.call(target, null)])
  try { console.log('no error', bad()); } catch (e) { console.log(e.name); }
const again = new Event('again');
target.addEventListener('again', () => { try { target.dispatchEvent(again); } catch (e) { console.log('refused'); } });
target.dispatchEvent(again);
console.log(target.dispatchEvent(again), again.isTrusted);
console.log(String(event), String(target), Object.prototype.toString.call(event), Event.AT_TARGET, Event.BUBBLING_PHASE);
console.log(new Event(5).type, new Event(undefined).type, typeof event.timeStamp, event.composedPath().length, Object.keys(event).filter((k) => k !== 'isTrusted').length);
console.log('target' in Event.prototype, Event.length, EventTarget.length, Event.name, EventTarget.prototype.addEventListener.length);
const handled = await new Promise((resolve) => {
  const t = new EventTarget();
  t.addEventListener('x', resolve, { once: true });
  setTimeout(() => t.dispatchEvent(new Event('x')), 1);
});
console.log(handled.type);
