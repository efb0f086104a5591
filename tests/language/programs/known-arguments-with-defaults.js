// arguments stays tied to the parameters of a sloppy function with defaults.
function f(a, b = 2) { a = 9; return arguments[0]; } console.log(f(1));
