// unregister always says that nothing was registered.
const k = {}; const reg = new FinalizationRegistry(() => 1); reg.register(k, 'held', k); console.log(reg.unregister(k));
