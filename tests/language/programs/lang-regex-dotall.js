const log = (...a) => console.log(a.map((x) => JSON.stringify(x) ?? 'undefined').join(' '));
log(/a.b/s.test('a\nb'), /a.b/.test('a\nb'), /<t>(.*?)<\/t>/s.exec('<t>x\ny</t>')[1], 'a\nb\nc'.match(/.+/s)[0], 'a\nb'.replace(/./gs, '-'), /a.b/s.flags, /a/s.dotAll, /a/.dotAll, String(/x.y/gs));
