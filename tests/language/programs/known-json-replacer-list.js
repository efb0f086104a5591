// A name twice in the list of members to write is written twice.
console.log(JSON.stringify({ a: 1 }, ['a', 'a']));
