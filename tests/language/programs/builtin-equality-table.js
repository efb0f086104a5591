// == and === and Object.is over all pairs of kinds.
const vals = [0, -0, 1, '', '0', '1', 'a', null, undefined, NaN, true, false, [], [0], [1], {}, Symbol.iterator];
const rows = vals.map((a) =>
  vals
    .map((b) => {
      let eq;
      try {
        eq = a == b;
      } catch {
        eq = 'E';
      }
      return (eq ? 1 : 0) + (a === b ? 2 : 0) + (Object.is(a, b) ? 4 : 0);
    })
    .join(''),
);
console.log(rows.join('\n'));
console.log(null >= 0, undefined >= 0, 'b' > 'a', '10' > '9', '10' > 9, [2] > 1, null == 0, NaN != NaN, 'abc' < 'abd', undefined == null);
