// Texts that the engine takes for numbers, and one long literal that it rounds up.
console.log(+'-0x1', +'\u180e1', 9007199254740993);
