// The source of an expression escapes a slash in a class, and no line break.
console.log(/[/]/.source, JSON.stringify(new RegExp('\n').source));
