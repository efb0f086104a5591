const log = (...a) => console.log(a.map((x) => JSON.stringify(x) ?? 'undefined').join(' '));
log(/^.$/u.test('😀'), /^.$/.test('😀'), '😀x😁'.match(/./gu).length, /\u{1F600}/u.test('😀'), /[😀-😂]/u.test('😁'), /^[^x]$/u.test('😀'), '💩'.replace(/./u, 'poo'), '\u{1F600}'.codePointAt(0), /😀{2}/u.test('😀😀'));
log('Привет мир'.match(/\p{L}+/gu), /^\p{Lu}/u.test('Éa'), 'a1٣'.match(/\p{Nd}/gu), /\p{Script=Cyrillic}/u.test('я'), /\P{L}/u.exec('ab1')[0], 'héllo wörld'.replace(/\p{Ll}/gu, '*'), /[\p{L}\d_]+/u.exec('-_й9')[0], /\p{Emoji_Presentation}/u.test('🚀'), 'x—y'.split(/\p{P}/u));
log(/ſ/i.test('S'), /ſ/iu.test('S'), /É/iu.test('é'), /\bя/u.test('я'), /a/u.unicode, 'aaa'.lastIndexOf('a'), '\ud83d\ude00'.match(/\ud83d/) !== null, /\ud83d/u.test('\ud83d\ude00'));
