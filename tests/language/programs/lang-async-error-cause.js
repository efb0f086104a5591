async function low() { throw new Error('low'); }
async function high() { try { await low(); } catch (e) { throw new Error('high', { cause: e }); } }
try { await high(); } catch (e) { console.log(e.message, e.cause.message, 'cause' in new Error('x')); }
