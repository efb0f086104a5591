// Templates: nesting, multi-line, expressions, functions.
const n = 3;
const html = `<ul>${[1, 2].map((i) => `<li>${i * n}</li>`).join('')}</ul>`;
console.log(html, `line1
line2`.split('\n').length, `${1}${2}` + `${[1, 2]}`, `\${}`, `a${''}b`, `${{ toString: () => 'obj' }}`, `${null} ${undefined} ${true}`);
console.log(`${(() => `inner ${`deep ${n}`}`)()}`, `\u{41}\x42`, `tab\there`, `back\`tick`);
