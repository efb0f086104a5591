// Astral characters, combining marks, comparison, slicing between surrogates.
const s = 'a😀b👨‍👩‍👧c';
console.log(s.length, [...s].length, s.slice(1, 3) === '😀', s.indexOf('b'), s.charCodeAt(1).toString(16), s.codePointAt(1).toString(16));
console.log(s.split('').length, Array.from(s, (c) => c.codePointAt(0).toString(16)).join(), s.replace('😀', ':)').length, s.includes('👩'), s.lastIndexOf('c'));
console.log('\u{1F600}' === '😀', '\ud83d\ude00' === '😀', '😀'.padStart(4, '*').length, '😀'.repeat(2), 'e\u0301'.length, 'é' === 'e\u0301', 'é'.normalize('NFD').length);
console.log('ｈｅｌｌｏ'.normalize('NFKC'), 'Привіт'.toUpperCase(), 'ЇЖАК'.toLowerCase(), 'ſ'.toUpperCase(), 'ﬁ'.toUpperCase(), 'i'.toUpperCase(), 'ΑΣ'.toLowerCase());
console.log(['ä', 'z', 'a', 'Z', 'б', 'а'].sort().join(), encodeURIComponent('ä б 😀'), unescape(encodeURIComponent('ä')).length, decodeURIComponent(escape('Ã¤')));
