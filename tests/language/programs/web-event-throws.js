const target = new EventTarget();
target.addEventListener('x', () => { throw new RangeError('from a listener'); });
target.addEventListener('x', () => console.log('the next still hears'));
console.log(target.dispatchEvent(new Event('x')));
console.log('dispatch has returned');
