const a = 1;
const t = `x
y`;
console.log(t.length, a);
// c
if (a)
  console.log("crlf")
else
  console.log("no")
