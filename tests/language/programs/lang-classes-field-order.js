// Order of fields, constructor, super and computed keys.
const log = []; const k = (x) => (log.push('key ' + x), x); const v = (x) => (log.push('val ' + x), x);
class A { [k('a')] = v('a'); static [k('s')] = v('s'); [k('b')] = v('b'); constructor() { log.push('ctor A ' + Object.keys(this).join()); } static { log.push('block ' + Object.keys(this).join()); } static t = v('t'); }
class B extends A { c = v('c'); constructor() { log.push('before'); super(); log.push('after ' + Object.keys(this).join()); } d = v('d'); } log.push('new'); new B(); console.log(log.join('\n'));
