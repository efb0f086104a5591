/* start */ const a /* one */ = /* two */ 1 // three
/* multi
line */ console.log(/* in call */ a /* after */) // end
const s = 'not // a comment', t = "nor /* this */", u = `nor ${ /* but this is */ a } // this`;
console.log(s, t, u); const r = /\/\*not\*\//; console.log(r.test('/*not*/'), 4 / 2 /* x */ / 1);
/**
 * Doc comment
 * @param {number} x
 */
function f(/* p */ x /* q */, ...rest) { return /* r */ x }
console.log(f(1)) /* tail */
// @ts-ignore
const o = { /* k */ a /* v */: 1, // trailing
  b /* shorthand */() { return 2 } /* end */ }
console.log(o.a + o.b())
if (a) /* then */ console.log('then') /* before else */
else /* else */ console.log('else')
/* last */
