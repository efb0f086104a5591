const log = [];
async function worker(name, n) { for (let i = 0; i < n; i++) { log.push(name + i); await null; } return name; }
const names = await Promise.all([worker('x', 3), worker('y', 2), worker('z', 4)]);
console.log(names.join(), log.join(' '));
