// TypeScript: abstract.
abstract class Shape { abstract area(): number; describe(): string { return `area ${this.area()}`; } static make(): Shape { return new Sq(2); } } class Sq extends Shape implements Object { constructor(private s: number) { super(); } override area() { return this.s ** 2; } } console.log(Shape.make().describe(), new Sq(3).area());
