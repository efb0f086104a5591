// An array that contains itself cannot be joined.
const c = [1]; c.push(c); try { console.log(c.join()); } catch (e) { console.log(e.name); }
