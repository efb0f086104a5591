// A symbol without description has an empty one, and methods under symbols of object literals no name.
const s = Symbol('d'); console.log(Symbol().description, { [s]() { return 1; } }[s].name);
