let a = 1
let b = 2
const c = a
+ b
console.log(c)
const f = function () { return 'f' }
;[1, 2].forEach((x) => console.log(x))
const g = () => {
  return
  5
}
console.log(g())
let i = 0
i
++
a
console.log(i, a)
var d = 5, e
= 6
console.log(d, e)
do a++; while (a < 5) console.log(a)
for (const x of [1])
  if (x)
    console.log('nested')
  else
    console.log('no')
throwing: try { throw new
Error('split') } catch (e) { console.log(e.message) }
const o = { get
 x() { return 1 }, async
: 2 }
console.log(o.x, o.async)
class K { a = 1
 b = 2
 static
 c = 3
 get = 4;
 ['d'] = 5;
 *gen() { yield 1 }
 'q' = 6 }
console.log(JSON.stringify(new K()), K.c)
const tpl = `a
b`
console.log(tpl.length) // comment
/* c */ console.log('after comment') /* multi
line */ console.log('asi by comment newline')
var r = a
/2/1
console.log(r)
