// TypeScript: accessors.
class A { private _x: number = 1; get x(): number { return this._x; } set x(v: number) { this._x = v; } static readonly #p: string = 'p'; static get p(): string { return A.#p; } [key: string]: unknown; protected async run?(): Promise<void>; } const a = new A(); a.x = 5; console.log(a.x, A.p, JSON.stringify(a));
