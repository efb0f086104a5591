const t = (f) => { try { f(); } catch (e) { console.log(e.name); } };
t(() => { for (const x of 5); }); t(() => { for (const x of {}); }); t(() => { for (const x of null); }); t(() => { const [a] = undefined; }); t(() => { [...{}]; }); t(() => { Math.max(...5); }); t(() => { new Map([1]); }); t(() => { const [x] = {}; });
