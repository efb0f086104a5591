for (const text of ['', 'a', 'ab', 'abc', 'abcd', '\0\xff\x80', 'x'.repeat(100), 5, null, true]) console.log(btoa(text), atob(btoa(text)) === String(text));
for (const text of ['', 'YQ==', 'YQ', ' Y\tQ=\n=', 'YWI=', 'YWI', 'YWJj', 'YQ=', 'Y', '=', '====', 'YQ===', 'Y Q', 'YW-j', 'ab_c', 'YR==', 'YWJjZ', 'ü', 'AAAA=', '/+8=', 'ab=c'])
  try { console.log(JSON.stringify(text), JSON.stringify(atob(text))); } catch (e) { console.log(JSON.stringify(text), e.name, e.code); }
try { btoa('€'); } catch (e) { console.log(e.name, e.code, e instanceof DOMException); }
for (const bad of [() => btoa(), () => atob()]) try { bad(); } catch (e) { console.log(e.name); }
let all = ''; for (let i = 0; i < 256; i++) all += String.fromCharCode(i); console.log(btoa(all), atob(btoa(all)) === all, atob.length, btoa.name);
