// Names, lengths and attributes of what ES2022 puts on globalThis.
const o = globalThis;
const show = (n) => { const v = o[n]; console.log(n, typeof v, typeof v === 'function' ? `${v.name}/${v.length}` : ''); };
for (const n of 'AggregateError Array ArrayBuffer Boolean DataView Date Error EvalError FinalizationRegistry Float32Array Float64Array Function Int16Array Int32Array Int8Array Map'.split(' ')) show(n);
