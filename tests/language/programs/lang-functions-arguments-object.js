// arguments: mapped in sloppy, unmapped in strict; its properties.
function s(a, b) { a = 'A'; arguments[1] = 'B'; return [a, b, arguments[0], arguments.length].join(); } console.log(s(1, 2, 3), s(1));
function t(a) { 'use strict'; a = 'A'; const first = arguments[0]; arguments[0] = 'z'; return [a, first].join(); } console.log(t(1));
function u() { return [Object.prototype.toString.call(arguments), [...arguments].join(''), Array.isArray(arguments), Object.keys(arguments).join(), JSON.stringify(arguments)].join(' '); } console.log(u('x', 'y'));
function v() { 'use strict'; try { return arguments.callee; } catch (e) { return e.name; } } console.log(v()); function w() { return arguments.callee === w; } console.log(w());
const arrow = (function () { return () => arguments[0]; })('outer'); console.log(arrow('inner')); function x(a) { delete arguments[0]; arguments[0] = 5; return a; } console.log(x(1)); function y(arguments_) { var arguments; return typeof arguments; } console.log(y());
function z() { arguments.length = 1; return Array.prototype.slice.call(arguments).join(); } console.log(z(1, 2, 3), ((a, b) => 0).length, (function () { return arguments.length; })(...[1, , 3], ...'ab'));
