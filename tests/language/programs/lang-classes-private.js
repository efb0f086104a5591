class Account { #balance = 0; static #count = 0; #log(x) { return 'log ' + x; } get #secret() { return this.#balance * 2; } set #secret(v) { this.#balance = v; } constructor() { Account.#count++; } deposit(n) { this.#balance += n; this.#balance++; return this; } show() { return this.#log(this.#balance) + ' ' + this.#secret; } setSecret(v) { this.#secret = v; return this; } static total() { return Account.#count; } static #hidden() { return 'hidden'; } static reveal() { return this.#hidden(); } static has(o) { return #balance in o; } }
const a = new Account().deposit(5);
console.log(a.show(), a.setSecret(40).show(), Account.total(), Account.reveal());
console.log(Account.has(a), Account.has({}), Object.keys(a).length, JSON.stringify(a), a['#balance']);
try { Account.prototype.show.call({}); } catch (e) { console.log(e.name); }
try { Account.has(5); } catch (e) { console.log(e.name); }
class Q { #m() {} go() { this.#m = 1; } } try { new Q().go(); } catch (e) { console.log(e.name); }
class R { get #g() { return 1; } go() { this.#g = 1; } } try { new R().go(); } catch (e) { console.log(e.name); }
