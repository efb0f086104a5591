// Names, lengths and attributes of what ES2022 puts on DataView.prototype.
const o = DataView.prototype;
const show = (n) => { const d = Object.getOwnPropertyDescriptor(o, n); if (!d) return console.log(String(n), 'missing'); const v = d.value; console.log(String(n), typeof v, typeof v === 'function' ? `${v.name}/${v.length}` : typeof v === 'object' || v === undefined ? '' : String(v), `${+d.writable}${+d.enumerable}${+d.configurable}`, typeof v === 'function' ? ['name', 'length'].map((k) => { const e = Object.getOwnPropertyDescriptor(v, k); return `${+e.writable}${+e.enumerable}${+e.configurable}`; }).join() : ''); };
for (const n of 'setFloat32 setFloat64 setInt16 setInt32 setInt8 setUint16 setUint32 setUint8'.split(' ')) show(n);
