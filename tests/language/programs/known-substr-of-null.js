// String.prototype.substr takes null for a text.
try { console.log(String.prototype.substr.call(null, 0)); } catch (e) { console.log(e.name); }
