function a() { try { throw new Error('shown'); } catch { return typeof error === 'object' ? 'bound ' + error.message : 'unbound'; } } console.log(typeof a);
let error = 'declared'; try { throw new Error('x'); } catch { console.log(error); }
