const tag = (s) => s[0];
console.log(tag`\unicode`);
