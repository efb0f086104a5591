const b = new Blob(['ab', new Uint8Array([99, 100]), new Blob(['e']), new Uint8Array([1, 2, 102, 103]).subarray(2), new Uint8Array([104]).buffer, 5], { type: 'Text/PLAIN' });
console.log(b.size, b.type, await b.text(), new Uint8Array(await b.arrayBuffer()).length);
console.log(await b.slice(1, 4).text(), await b.slice(-3).text(), await b.slice(2, -2, 'x/y').text(), b.slice(2, -2, 'X/Y').type, b.slice(5, 2).size, b.slice(100).size, b.slice().type);
console.log(new Blob().size, new Blob([]).type, new Blob(['x'], { type: 'a\u0001b' }).type, new Blob([null, undefined, true]).size, new Blob(new Set(['a', 'b'])).size);
console.log((await new Blob(['ü€😀\ud800']).text()).length, new Blob(['ü€😀']).size);
const parts = []; for await (const chunk of new Blob(['stream me']).stream()) parts.push(new TextDecoder().decode(chunk)); console.log(parts.join(''));
const big = new Blob([new Uint8Array(200000)]); let total = 0; for await (const chunk of big.stream()) { total += chunk.length; } console.log(total);
for (const bad of [() => new Blob('text'), () => new Blob(5), () => new Blob({}), () => Blob([])]) try { console.log('no error', bad().size); } catch (e) { console.log(e.name); }
console.log(String(b), b instanceof Blob, Blob.name, await new Response(b).text());
const source = new Uint8Array([65]); const copy = new Blob([source]); source[0] = 66; console.log(await copy.text());
