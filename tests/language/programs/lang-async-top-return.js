console.log('before');
if (Date.now() > 0) { await null; console.log('returning'); return 5; }
console.log('never');
