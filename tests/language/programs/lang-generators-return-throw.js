function* g() { try { yield 1; yield 2; } catch (e) { console.log('caught', e); yield 'recovered'; } finally { console.log('finally'); yield 'from finally'; } }
let it = g(); it.next(); console.log(JSON.stringify(it.return('R')), JSON.stringify(it.next()), JSON.stringify(it.next()));
it = g(); it.next(); console.log(JSON.stringify(it.throw('E')), JSON.stringify(it.next()), JSON.stringify(it.next()));
it = g(); console.log(JSON.stringify(it.return(5)), JSON.stringify(it.next()));
it = g(); try { it.throw(new Error('early')); } catch (e) { console.log(e.message); } console.log(JSON.stringify(it.next()));
function* h() { try { yield 1; } finally { return 'override'; } } it = h(); it.next(); console.log(JSON.stringify(it.return('x')));
function* k() { try { try { yield 1; } catch { console.log('must not see return'); } } catch (e) { console.log('nor here'); } } it = k(); it.next(); console.log(JSON.stringify(it.return('clean')));
function* running() { try { self.next(); } catch (e) { yield e.name; } } const self = running(); console.log(self.next().value);
