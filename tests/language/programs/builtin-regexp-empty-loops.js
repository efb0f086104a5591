// Loops over what can match nothing end.
for (const p of ["(?:b*)*\\\\w","(a*)*b","(?:a|b*)*c","(?:a?)+b","(\\\\s*\\\\w*)*$","(?:a*)+","(?:(?=a))*a","(x?)*","(?:a*){2,}b","(ab)+"]) console.log(p, JSON.stringify(new RegExp(p).exec("aab xcy")), "aab xcy".replace(new RegExp(p, "g"), "<$&>"));
console.log(JSON.stringify(/(\s*\w*)*$/.exec("a b")), "aXb".split(/(?:X|y*)*/).join("|"), /(a*)*/.test(""));
