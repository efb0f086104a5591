// TypeScript: declare.
declare const external: number; declare function ext(): void; interface A { a: number } interface A { b: number } const x: A = { a: 1, b: 2 }; console.log(typeof external, x.a + x.b);
