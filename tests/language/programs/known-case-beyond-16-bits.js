// Letters beyond U+FFFF have no upper and lower case.
console.log('\ud801\udc28'.toUpperCase() === '\ud801\udc00');
