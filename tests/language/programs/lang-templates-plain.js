const x = 5, o = { toString: () => 'O', valueOf: () => 1 }; console.log(`a${x}b${x + 1}`, `${o}`, `${[1, [2, 3]]}`, `${null} ${undefined} ${true}`, `nested ${`in ${`deep ${x}`}`}`, `multi
line`, `esc \` \${x} \\ \u{1F600} \x41`, `${x > 3 ? `big ${x}` : 'small'}`, ``, `${''}`.length); console.log(`${(() => { return `fn ${x}`; })()}`, `${{ a: 1 }.a}`, `}${'{'}`, typeof `${x}`, `\
continued`); try { `${Symbol('s')}`; } catch (e) { console.log(e.name); } let n = 0; const t = () => `${n++}${n++}`; console.log(t(), `${n}`); console.log(`line1\r\nline2`.length, `a	b`.length);
