// TypeScript: overloads.
function f(a: string): string; function f(a: number): number; function f(a: any) { return typeof a; } class C { m(): void; m(x: number): void; m(x?: number) { console.log('m', x); } declare z: number; y!: string; static s?: number; } console.log(f('a'), f(1)); new C().m(); console.log(Object.keys(new C()).join(), 'z' in new C());
