// Math.cbrt and powers with fractions can differ in the last digit.
console.log(Math.cbrt(0.5));
