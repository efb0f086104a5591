const f = () => 1; try { f() = 2; } catch (e) { console.log(e.name); }
